import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { launchChromium } from "../test/browser/support/launch-chromium.ts";
import { fromSource, type ReadyFile, ServerProcess } from "../test/support/dev-process.ts";
import { fillRuns } from "../test/support/fill-runs.ts";
import { BusyDevbox } from "./changing-runs.ts";
import { median, percentile } from "./median.ts";

/** How smoothly something scrolled. */
export interface FramesRow {
  readonly name: string;
  readonly framesPerSecond: number;
  /** Frames that came later than one and a half of the time between two. */
  readonly latePercent: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** CPU time of the page's own thread, which others on the machine do not lengthen. */
  readonly busyPercent: number;
  /** Changes of runs that were made meanwhile; NaN where none were asked for. */
  readonly changesPerSecond: number;
}

export interface ConsoleResult {
  readonly runs: number;
  /** From navigation to a painted list that answers: the first of a profile, and those after it. */
  readonly firstInteractiveMs: number;
  readonly interactiveMs: number;
  /** From the first page to the last, scrolling to the end again and again. */
  readonly allReadMs: number;
  readonly frames: readonly FramesRow[];
}

export interface ConsoleOptions {
  /** The built command; the sources are run where it has not been built. */
  readonly cli: string;
  /** Folder for the state; emptied before and afterwards. */
  readonly state: string;
  readonly runs: number;
  readonly changesPerSecond: number;
  readonly scrollMs: number;
  /** How often each is scrolled; the smoothest counts. */
  readonly scrollRounds: number;
  readonly rounds: number;
}

interface Scrolling {
  readonly speed: number;
  readonly changes: number;
  /** Where runs change. @default that of the page */
  readonly domain?: string;
}

const frameMs = 1_000 / 60;
const pixelsPerSecond = 2_000;
const list = ".runs-scroller";
const selectors = { row: `${list} tbody tr a` };

/**
 * The list of runs in a Chromium without a window, which draws without a graphics card: how soon it can be used, and how
 * smoothly it scrolls while runs change, beside an empty page in the same browser.
 */
export async function measureConsole(options: ConsoleOptions): Promise<ConsoleResult> {
  const { state, runs, rounds } = options;
  buildConsole();
  await rm(state, { recursive: true, force: true });
  const profile = await mkdtemp(join(tmpdir(), "flyte-webhook-bench-"));
  try {
    await fillRuns(state, runs);
    await using server = await startDev(options);
    const context = await launchChromium(profile);
    try {
      const first = await measureInteractive(context, server.ready);
      const later: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        later.push(await measureInteractive(context, server.ready));
      }
      return {
        runs,
        firstInteractiveMs: first,
        interactiveMs: median(later),
        allReadMs: await measureAll(context, server.ready, runs),
        frames: await measureFrames(context, server.ready, options),
      };
    } finally {
      await context.close();
    }
  } finally {
    await rm(state, { recursive: true, force: true });
    await rm(profile, { recursive: true, force: true, maxRetries: 100 });
  }
}

async function measureInteractive(context: BrowserContext, ready: ReadyFile): Promise<number> {
  const page = await openList(context, ready);
  const interactive = await page.evaluate<number>("globalThis.interactive");
  await page.close();
  return interactive;
}

async function measureAll(
  context: BrowserContext,
  ready: ReadyFile,
  runs: number,
): Promise<number> {
  const page = await openList(context, ready);
  const elapsed = await page.evaluate<number>(`new Promise((resolve) => {
    const from = performance.now();
    const element = document.querySelector("${list}");
    const table = element.querySelector("table");
    const step = () => {
      if (Number(table.getAttribute("aria-rowcount")) >= ${runs}) return resolve(performance.now() - from);
      element.scrollTop = element.scrollHeight;
      requestAnimationFrame(step);
    };
    step();
  })`);
  await page.close();
  return elapsed;
}

async function measureFrames(
  context: BrowserContext,
  ready: ReadyFile,
  { changesPerSecond, scrollMs, scrollRounds }: ConsoleOptions,
): Promise<FramesRow[]> {
  await using devbox = await BusyDevbox.create(ready);
  const measure = async (
    name: string,
    { page, speed, changes, domain }: { page: Page } & Scrolling,
  ): Promise<FramesRow> => {
    const changing = changes === 0 ? undefined : devbox.change(changes, domain ?? "development");
    // The changes have begun to come in, and what is new has been compiled.
    await page.waitForTimeout(1_500);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const busy = async (): Promise<number> => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name: each }) => each === "TaskDuration")?.value ?? Number.NaN;
    };
    const before = await busy();
    const times = page.evaluate<number[]>(`new Promise((resolve) => {
      const times = [];
      const note = (now) => {
        times.push(now);
        if (now - times[0] >= ${scrollMs}) resolve(times);
        else requestAnimationFrame(note);
      };
      requestAnimationFrame(note);
    })`);
    if (speed > 0) {
      await session.send("Input.synthesizeScrollGesture", {
        ...{ x: 600, y: 500, speed, gestureSourceType: "mouse" },
        yDistance: (-speed * scrollMs) / 1_000,
      });
    }
    const frames = judge(await times);
    const busyMs = ((await busy()) - before) * 1_000;
    const made = await changing?.stop();
    await page.close();
    const busyPercent = (busyMs * 100) / scrollMs;
    return { name, ...frames, busyPercent, changesPerSecond: made ?? Number.NaN };
  };
  const empty = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.setContent(
      `<div class="${list.slice(1)}" style="height: 700px; overflow-y: auto"><div style="height: 400000px"></div></div>`,
    );
    return page;
  };
  const open = (): Promise<Page> => openList(context, ready);
  // Others on the machine make frames late, and never early.
  const best = async (
    name: string,
    openPage: () => Promise<Page>,
    asked: Scrolling,
  ): Promise<FramesRow> => {
    const rows: FramesRow[] = [];
    for (let round = 0; round < scrollRounds; round += 1) {
      rows.push(await measure(name, { page: await openPage(), ...asked }));
    }
    return rows.reduce((a, b) => (b.framesPerSecond > a.framesPerSecond ? b : a));
  };
  const speed = pixelsPerSecond;
  const changes = changesPerSecond;
  return [
    await best("an empty page, scrolling", empty, { speed, changes: 0 }),
    await best("runs, scrolling", open, { speed, changes: 0 }),
    // The devbox has the same work, and the page is told nothing of it.
    await best("runs, scrolling, changes elsewhere", open, { speed, changes, domain: "staging" }),
    await best("runs, scrolling, changes", open, { speed, changes }),
    await best("runs, at the top, changes", open, { speed: 0, changes }),
  ];
}

function judge(
  times: readonly number[],
): Omit<FramesRow, "name" | "busyPercent" | "changesPerSecond"> {
  const between = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const wholeMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return {
    framesPerSecond: (between.length * 1_000) / wholeMs,
    latePercent: (between.filter((ms) => ms > 1.5 * frameMs).length * 100) / between.length,
    p99Ms: percentile(between, 99),
    longestMs: Math.max(...between),
  };
}

/** Opens the list and waits until it can be used. */
async function openList(context: BrowserContext, { console: url, keys }: ReadyFile): Promise<Page> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1280, height: 900 });
  // The first row is drawn, and the thread is free for what a reader does.
  await page.addInitScript(`
    sessionStorage.setItem("flyte-console-key", ${JSON.stringify(keys["alice"])});
    globalThis.interactive = new Promise((resolve) => {
      const seen = new MutationObserver(() => {
        if (document.querySelector("${selectors.row}") === null) return;
        seen.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
      });
      seen.observe(document, { childList: true, subtree: true });
    });
  `);
  await page.goto(`${url}/domain/development/project/flytesnacks/runs`);
  await page.evaluate("globalThis.interactive");
  return page;
}

function buildConsole(): void {
  const script = fileURLToPath(new URL("../scripts/build-console.js", import.meta.url));
  execFileSync(process.execPath, [script, "--if-changed"], { stdio: "inherit" });
}

function startDev({ cli, state }: ConsoleOptions): Promise<ServerProcess> {
  // As published when it has been built.
  const command = existsSync(cli) ? [process.execPath, cli] : fromSource;
  return ServerProcess.start(["dev", "--state", state, "--port", "0", "--devbox-port", "0"], {
    command,
  });
}
