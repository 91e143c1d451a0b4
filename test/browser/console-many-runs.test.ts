import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ServerProcess } from "../support/dev-process.ts";
import { filledName, fillRuns } from "../support/fill-runs.ts";
import { createCaller } from "../support/http.ts";
import { type OpenOptions, useConsoleBrowser } from "./support/console-browser.ts";

const browser = useConsoleBrowser();
const count = 10_000;
let state: string;
let server: ServerProcess;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "flyte-webhook-runs-"));
  await fillRuns(state, count);
  server = await ServerProcess.start([
    "dev",
    "--state",
    state,
    "--port",
    "0",
    "--devbox-port",
    "0",
  ]);
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(state, { recursive: true, force: true });
});

function open(options: OpenOptions = {}) {
  const url = `${server.ready.console}/domain/development/project/flytesnacks/runs`;
  return browser.open(url, { key: server.ready.keys["bob"], ...options });
}

async function start(task = "stats.describe"): Promise<string> {
  const caller = createCaller(server.ready.webhook, server.ready.keys["bob"]);
  const inputs = task === "stats.describe" ? { values: [1] } : {};
  const { status, body } = await caller.post(`/run-task/development/flytesnacks/${task}`, inputs);
  expect(status).toBe(200);
  return body.name;
}

/** Scrolls to the end, further and further, and notes every row that was drawn, by its place. */
function readThrough(page: Page): Promise<Record<string, string>> {
  return page.evaluate(async () => {
    const scroller = document.querySelector(".runs-scroller");
    if (scroller === null) throw new Error("there is no list");
    const seen: Record<string, string> = {};
    const placeOf = (row: Element | null): number => Number(row?.getAttribute("aria-rowindex"));
    const lastDrawn = (): number => placeOf(scroller.querySelector("tbody tr:last-child"));
    const frame = (): Promise<number> => new Promise(requestAnimationFrame);
    const isAtEnd = (): boolean =>
      scroller.querySelector("table")?.getAttribute("aria-rowcount") === String(lastDrawn());
    for (;;) {
      for (const row of scroller.querySelectorAll("tbody tr")) {
        seen[placeOf(row)] = row.querySelector("a")?.textContent ?? "";
      }
      if (isAtEnd()) return seen;
      const before = lastDrawn();
      scroller.scrollTop += scroller.clientHeight;
      while (lastDrawn() === before && !isAtEnd()) await frame();
    }
  });
}

test("reading ten thousand runs loses none and tells none twice, while others begin", async () => {
  const opened = await open();
  const { page } = opened;
  await page.getByRole("link", { name: filledName(0) }).waitFor();
  expect(await page.getByRole("row").count()).toBeLessThan(80);
  const table = page.getByRole("table", { name: "Runs" });
  expect(await table.getAttribute("aria-rowcount")).toBe("-1");
  // Tall, so that it takes few steps.
  await page.setViewportSize({ width: 1280, height: 4_000 });
  const began: string[] = [];
  const reading = readThrough(page);
  let isOver = false;
  const done = reading.finally(() => {
    isOver = true;
  });
  while (!isOver && began.length < 5) began.push(await start());
  const seen = await done;
  const names = Object.entries(seen)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, name]) => name)
    .filter((name) => name.startsWith("filled-"));
  expect(names).toEqual(Array.from({ length: count }, (_, index) => filledName(index)));
  await page.setViewportSize({ width: 1280, height: 900 });
  await expect.poll(() => page.getByRole("row").count()).toBeLessThan(80);

  const news = page.getByRole("button", { name: /^\d+ new runs?$/ });
  await expect.poll(() => news.textContent()).toBe(`${began.length} new runs`);
  await opened.expectClean();
  await page.getByRole("region", { name: "List of runs" }).focus();
  await page.keyboard.press("End");
  await page.getByRole("link", { name: filledName(count - 1) }).waitFor();
  await news.click();
  await page.getByRole("link", { name: began.at(-1) ?? "" }).waitFor();
  await news.waitFor({ state: "detached" });
  await expect.poll(() => table.getAttribute("aria-rowcount")).toBe(`${count + began.length + 1}`);
});

test("the keyboard reaches rows, and what is read stays where it is while others begin", async () => {
  const opened = await open();
  const { page } = opened;
  await page.getByRole("link", { name: filledName(0) }).focus();
  for (let step = 0; step < 60; step += 1) await page.keyboard.press("ArrowDown");
  const sixtieth = page.getByRole("link", { name: filledName(60) });
  await expect.poll(() => sixtieth.evaluate((link) => link === document.activeElement)).toBe(true);
  const before = await sixtieth.boundingBox();
  const name = await start();
  await page.getByRole("button", { name: "1 new run", exact: true }).waitFor();
  expect(await sixtieth.boundingBox()).toEqual(before);

  // Whoever opens a run and comes back is where they were.
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/runs/${filledName(60)}`);
  await page.goBack();
  await sixtieth.waitFor();
  expect((await sixtieth.boundingBox())?.y).toBe(before?.y);
  await page.getByRole("region", { name: "List of runs" }).focus();
  await page.keyboard.press("Home");
  await page.getByRole("link", { name }).waitFor();
  await opened.expectClean();
});

test("what happened while the stream was broken is there when it is whole again", async () => {
  const opened = await open({ expected: /Failed to load resource/ });
  const { page } = opened;
  await page.getByText("Live", { exact: true }).waitFor();
  await page.route("**/WatchRuns", (route) => route.abort());
  await page.reload();
  await page.getByText("connecting again").waitFor();
  await page.getByRole("link", { name: filledName(0) }).waitFor();
  // Failed runs are not among those that a stream begins with, here.
  const name = await start("failing.always");
  const caller = createCaller(server.ready.webhook, server.ready.keys["bob"]);
  const path = `/run/${name}`;
  await expect.poll(async () => (await caller.get(path)).body.phase).toBe("failed");
  await page.unroute("**/WatchRuns");
  const row = page.getByRole("row").filter({ hasText: name });
  await row.getByRole("cell", { name: "failed" }).waitFor();
  await opened.expectClean();
});
