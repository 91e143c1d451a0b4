// Takes every page of the console into `screenshots/`: light and dark, 1280 and 390 wide.
// Names of pages as arguments take those alone: npm run screenshots -- runs run-failed
// With --readme it takes the two of the README alone, into `docs/images/`.
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { BrowserContext } from "playwright-core";
import { openConsole } from "../test/browser/support/console-browser.ts";
import { launchChromium } from "../test/browser/support/launch-chromium.ts";
import { ServerProcess } from "../test/support/dev-process.ts";
import { makeScreenshotState } from "./screenshot-state.ts";

/** A page by the name of its files and its address below the project. */
type Shot = readonly [name: string, path: string];

/** A domain with nothing in it, seen from the other. */
const empty = "../../../staging/project/flytesnacks/";

const shots: readonly Shot[] = [
  ["sign-in", "sign-in"],
  ["runs", "runs"],
  ["runs-failed", "runs?phase=failed"],
  ["run-succeeded", "runs/succeeded"],
  ["run-table", "runs/table"],
  ["run-typed", "runs/typed"],
  ["run-retried", "runs/retried"],
  ["run-failed", "runs/failed"],
  ["run-waiting", "runs/waiting"],
  ["run-running", "runs/running"],
  ["run-aborted", "runs/aborted"],
  ["run-long-log", "runs/long-log"],
  ["run-missing", "runs/nowhere"],
  ["tasks", "tasks"],
  ["task", "tasks/orders.nightly"],
  ["launch", "tasks/stats.describe/launch"],
  ["launch-typed", "tasks/types.echo/launch"],
  ["triggers", "triggers"],
  ["trigger", "triggers/schedule.digest/nightly"],
  ["apps", "apps"],
  ["app", "apps/scoring"],
  ["app-logs", "apps/scoring?tab=logs"],
  ["app-specification", "apps/scoring?tab=specification"],
  ["app-failed", "apps/broken"],
  ["app-missing", "apps/nowhere"],
  ["apps-empty", `${empty}apps`],
  ["webhook", "webhook"],
];

/** Those of the README: what is seen first of a page. */
const readmeShots = [
  { name: "console-runs", path: "runs", theme: "light" },
  { name: "console-run", path: "runs/retried", theme: "dark" },
] as const;
const readmeSize = { width: 1000, height: 560 };

/** How long a page may take to come to rest: streams go on, so there is no sign of it. */
const restMs = 700;

const root = resolve(import.meta.dirname, "..");
const folder = join(root, "screenshots");
const wanted = process.argv.slice(2);
const isForReadme = wanted.includes("--readme");

execFileSync(process.execPath, [join(root, "scripts/build-console.js"), "--if-changed"], {
  stdio: "inherit",
});
const temporary = await mkdtemp(join(tmpdir(), "flyte-webhook-screenshots-"));
await mkdir(folder, { recursive: true });
await using server = await ServerProcess.start([
  ...["dev", "--state", "memory", "--port", "0", "--devbox-port", "0"],
  ...[
    "--endpoint-group",
    "all",
    "inspect",
    "fire",
    "wait",
    "signal",
    "live",
    "batch",
    "rerun",
    "list",
  ],
]);
console.log("Making runs and apps …");
await makeScreenshotState(server.ready);
const context = await launchChromium(join(temporary, "profile"));
try {
  if (isForReadme) await takeForReadme(context);
  for (const shot of isForReadme ? [] : shots) {
    if (wanted.length === 0 || wanted.includes(shot[0])) await take(context, shot);
  }
} finally {
  await context.close();
  await rm(temporary, { recursive: true, force: true, maxRetries: 100 });
}

async function takeForReadme(browser: BrowserContext): Promise<void> {
  const images = join(root, "docs/images");
  await mkdir(images, { recursive: true });
  for (const { name, path, theme } of readmeShots) {
    const page = await browser.newPage();
    await openConsole(page, urlOf(path), { key: server.ready.keys["alice"], theme });
    await page.setViewportSize(readmeSize);
    await page.getByText("succeeded").first().waitFor();
    await page.waitForTimeout(restMs);
    await page.screenshot({ path: join(images, `${name}.png`) });
    console.log(`docs/images/${name}.png`);
    await page.close();
  }
}

function urlOf(path: string): string {
  const base = `${server.ready.console}/domain/development/project/flytesnacks/`;
  return new URL(path, base).href;
}

async function take(browser: BrowserContext, [name, path]: Shot): Promise<void> {
  const key = name === "sign-in" ? undefined : server.ready.keys["alice"];
  const url = urlOf(path);
  for (const theme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      const page = await browser.newPage();
      const { complaints } = await openConsole(page, url, { key, theme, width, expected: /401/ });
      await page.locator("h1").first().waitFor();
      await page.waitForTimeout(restMs);
      const file = `${name}-${theme}-${width}.png`;
      await page.screenshot({ path: join(folder, file), fullPage: true });
      console.log([`screenshots/${file}`, ...complaints].join("\n  "));
      await page.close();
    }
  }
}
