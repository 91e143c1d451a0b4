import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { launchChromium } from "./launch-chromium.ts";

/** How a page is opened. */
export interface OpenOptions {
  /** An API key that the tab has from the start; without one it shows the sign-in. */
  readonly key?: string | undefined;
  /** @default "light" */
  readonly theme?: "light" | "dark";
  /** Width of the window in CSS pixels. @default 1280 */
  readonly width?: number;
  /** Errors that belong to the test, such as the status of a refused call. */
  readonly expected?: RegExp;
}

/** A page of the console, and what was wrong with it. */
export interface ConsolePage {
  readonly page: Page;
  /** Console errors, errors of scripts, and requests to other origins, none of them expected. */
  readonly complaints: readonly string[];
  /** Fails for what axe-core finds against WCAG 2.2 AA, for complaints, and for what is wider than the window. */
  expectClean(): Promise<void>;
}

/** One Chromium for a test file. */
export interface ConsoleBrowser {
  /** Opens an address in a tab of its own, in a profile of its own. */
  open(url: string, options?: OpenOptions): Promise<ConsolePage>;
}

/** Starts a Chromium before the tests of a file and ends it after them. */
export function useConsoleBrowser(): ConsoleBrowser {
  let context: BrowserContext;
  let profile: string;
  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), "flyte-webhook-browser-"));
    context = await launchChromium(profile);
  });
  afterAll(async () => {
    await context?.close();
    // Its processes may still write for a moment after it has closed.
    await rm(profile, { recursive: true, force: true, maxRetries: 100 });
  });
  return {
    open: async (url, options = {}) => {
      const page = await context.newPage();
      return openConsole(page, url, options);
    },
  };
}

/** Opens a page of the console in a given tab. */
export async function openConsole(
  page: Page,
  url: string,
  { key, theme = "light", width = 1280, expected }: OpenOptions = {},
): Promise<ConsolePage> {
  const { origin } = new URL(url);
  const complaints: string[] = [];
  const complain = (text: string): void => {
    if (expected?.test(text) !== true) complaints.push(text);
  };
  page.on("console", (message) => {
    if (message.type() === "error") complain(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complain(error.message));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) complain(`request to ${request.url()}`);
  });
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: theme });
  if (key !== undefined) {
    await page.addInitScript((value) => sessionStorage.setItem("flyte-console-key", value), key);
  }
  await page.goto(url);
  return {
    page,
    complaints,
    expectClean: async () => {
      expect(await findFaults(page)).toEqual([]);
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
    },
  };
}

let axe: Promise<string> | undefined;

/** What axe-core finds against WCAG 2.2 AA and its best practices, one line for each element. */
async function findFaults(page: Page): Promise<readonly string[]> {
  axe ??= readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  // What appears is not judged while it is half transparent.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getTiming().iterations !== Number.POSITIVE_INFINITY)
        .map(({ finished }) => finished.catch(() => undefined)),
    ),
  );
  await page.evaluate(await axe);
  return page.evaluate(async () => {
    const { run } = (globalThis as unknown as { axe: typeof import("axe-core") }).axe;
    const { violations } = await run(document);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
    );
  });
}

/** By how many pixels the page is wider than its window. */
function overflowOf(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}
