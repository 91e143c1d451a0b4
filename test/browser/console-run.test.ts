import { availableParallelism } from "node:os";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { enqueueCondition } from "../support/conditions.ts";
import { actionOf, connect, type DevboxClient, nameOf, runIdOf } from "../support/devbox-client.ts";
import { useConsoleBrowser } from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

const browser = useConsoleBrowser();
const server = useDevServer();

/** What the control plane itself says, asked beside the console. */
function as(user: "alice" | "bob"): DevboxClient {
  const { controlPlane: url, keys } = server.ready;
  return connect({ url, keys }, user);
}

interface Started {
  readonly name: string;
  readonly url: string;
}

/** Starts a run through the webhook, as alice. */
async function start(task: string, inputs: object): Promise<Started> {
  const address = `${server.ready.webhook}/run-task/development/flytesnacks/${task}`;
  const response = await fetch(address, {
    method: "POST",
    headers: {
      authorization: `Bearer ${server.keyOf("alice")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(inputs),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Started;
}

const runId = ({ name }: Started) => ({ project: "flytesnacks", domain: "development", name });

async function detailsOf(run: Started) {
  const { details } = await as("alice").runs.getRunDetails({ runId: runId(run) });
  return details?.action;
}

/** The phase of the run, as the head of its page says it. */
const phaseOf = (page: Page, phase: string) =>
  page.locator("header").getByRole("status").filter({ hasText: phase });

const dialogOf = (page: Page) => page.getByRole("dialog", { name: "Abort this run?" });

const fact = (page: Page, name: string) =>
  page.getByRole("region", { name: "Facts", exact: true }).locator("div", {
    has: page.getByText(name, { exact: true }),
  });

test("from the sign-in to a run that is watched from queued to succeeded", async () => {
  // As many as the devbox runs at once, so that the next one is queued.
  const alice = as("alice");
  const blocker = await alice.deployScript("blocker", "sleep 1000");
  const count = Math.max(8, 4 * availableParallelism());
  const blockers = await Promise.all(Array.from({ length: count }, () => alice.start(blocker)));
  await Promise.all(blockers.map((run) => alice.reach(run, "running")));

  const opened = await browser.open(server.ready.console, { expected: /401/ });
  const { page } = opened;
  await page.getByLabel("API key").fill(server.keyOf("alice"));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  const run = await start("slow.count", { to: 3, pause: 0.2 });
  await page.goto(run.url);
  await page.getByRole("heading", { level: 1, name: run.name }).waitFor();
  await phaseOf(page, "queued").waitFor();
  await fact(page, "Owner").getByText("Alice Admin").waitFor();
  await fact(page, "Task").getByRole("link", { name: "slow.count" }).waitFor();
  await page.getByText("They come when it succeeds.").waitFor();
  await opened.expectClean();

  await Promise.all(blockers.map((each) => alice.runs.abortRun({ runId: runIdOf(each) })));
  await phaseOf(page, "running").waitFor();
  await phaseOf(page, "succeeded").waitFor();
  const outputs = page.getByRole("region", { name: "Outputs" });
  await outputs.getByText("counted").waitFor();
  await outputs.getByText("3", { exact: true }).waitFor();
  await fact(page, "Ended").waitFor();
  const phases = page.getByRole("list", { name: "Phases of attempt 1" });
  await phases.getByText(/^Running\s[\d.]+ (?:ms|s)$/).waitFor();
  await page.getByRole("button", { name: "Abort" }).waitFor({ state: "detached" });
  await opened.expectClean();

  await page.getByRole("tab", { name: "Logs" }).click();
  await page.getByText("counting").last().waitFor();
  expect(new URL(page.url()).search).toBe("?tab=logs");
  await opened.expectClean();
  const again = page.getByRole("link", { name: "Run again" });
  const to = new URL((await again.getAttribute("href")) ?? "", page.url());
  expect(to.pathname).toMatch(/\/tasks\/slow\.count\/launch$/);
  expect(to.searchParams.get("from")).toBe(run.name);
  await page.goBack();
  await outputs.waitFor();
  await page.goForward();
  await page.getByText("counting").last().waitFor();

  const dark = await browser.open(run.url, {
    key: server.keyOf("alice"),
    theme: "dark",
    width: 390,
  });
  await dark.page.getByRole("region", { name: "Outputs" }).getByText("counted").waitFor();
  await dark.expectClean();
});

test("a run that fails tells its error and those of all attempts", async () => {
  const run = await start("failing.flaky", { failures: 9 });
  const opened = await browser.open(run.url, { key: server.keyOf("alice") });
  const { page } = opened;
  await phaseOf(page, "failed").waitFor();
  const error = page.getByRole("region", { name: "Error" });
  await error.getByText("Attempt 4 found the service down.").waitFor();
  await error.getByText("user: the task’s own code").waitFor();
  await error.getByRole("button", { name: "Copy error message" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain("Attempt 4 found the service down.");
  await fact(page, "Attempts").getByText("4 of at most 4").waitFor();
  await page.getByText("Attempt 1 found the service down.").waitFor();
  await page.getByText("There are none: it did not succeed.").waitFor();
  await opened.expectClean();

  await page.getByRole("tab", { name: "Logs" }).click();
  await page.getByLabel("Attempt", { exact: true }).selectOption("2");
  expect(new URL(page.url()).searchParams.get("attempt")).toBe("2");
  await page.getByRole("region", { name: `Log of ${run.name}-a0-2` }).waitFor();

  const deep = await browser.open(`${run.url}?tab=logs&attempt=3`, {
    key: server.keyOf("alice"),
    theme: "dark",
    width: 390,
  });
  await deep.page.getByRole("region", { name: `Log of ${run.name}-a0-3` }).waitFor();
  await deep.expectClean();
});

test("an abort takes a reason, and is refused in words to who may not", async () => {
  const run = await start("slow.count", { to: 1_000 });
  const opened = await browser.open(run.url, { key: server.keyOf("alice") });
  const { page } = opened;
  await page.getByRole("button", { name: "Abort" }).click();
  const dialog = dialogOf(page);
  await dialog.getByLabel("Reason").fill("<b>wrong</b> data");
  await opened.expectClean();
  await page.keyboard.press("Enter");
  await phaseOf(page, "aborted").waitFor();
  await dialog.waitFor({ state: "detached" });
  const outcome = page.getByRole("region", { name: "Aborted" });
  await outcome.getByText("<b>wrong</b> data").waitFor();
  await outcome.getByText("Alice Admin").waitFor();
  await opened.expectClean();
  const { result } = (await detailsOf(run)) ?? {};
  expect(result).toMatchObject({ case: "abortInfo", value: { reason: "<b>wrong</b> data" } });

  const other = await start("slow.count", { to: 1_000 });
  await page.goto(other.url);
  await page.getByRole("button", { name: "Abort" }).click();
  await as("alice").runs.abortRun({ runId: runId(other) });
  await dialog.getByText("The run has ended meanwhile: it is aborted.").waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();

  const script = await as("alice").deployScript("busy", "sleep 1000", { domain: "production" });
  const production = await as("alice").start(script);
  const refused = await browser.open(
    server.pageUrl(`runs/${nameOf(production)}`, { domain: "production" }),
    { key: server.keyOf("bob"), expected: /403/ },
  );
  await refused.page.getByRole("button", { name: "Abort" }).click();
  await refused.page.getByRole("button", { name: "Abort the run" }).click();
  await dialogOf(refused.page).getByRole("alert").getByText("You may not do this").waitFor();
  await refused.expectClean();
  await refused.page.keyboard.press("Escape");
  await phaseOf(refused.page, "running").waitFor();
  // Its script writes nothing, and its log is live all the same.
  await refused.page.getByRole("tab", { name: "Logs" }).click();
  const log = refused.page.locator(".log");
  await log.getByText("Nothing has been written yet.").waitFor();
  await log.getByText("Live", { exact: true }).waitFor();
  await refused.page.goBack();
  await enqueueCondition(as("alice"), production, { prompt: "May it?" });
  const waits = refused.page.getByRole("region", { name: "Waits for a person" });
  await waits.getByRole("button", { name: "Yes" }).click();
  await waits.getByRole("alert").getByText("You may not do this").waitFor();
  await as("alice").runs.abortRun({ runId: runIdOf(production) });
  await phaseOf(refused.page, "aborted").waitFor();
});

test("what a run waits for is answered on its page", async () => {
  const run = await start("approval.release", { version: "1.2" });
  const opened = await browser.open(run.url, { key: server.keyOf("bob") });
  const { page } = opened;
  const waits = page.getByRole("region", { name: "Waits for a person" });
  await waits.getByText("Release 1.2?").waitFor();
  await opened.expectClean();
  await waits.getByRole("button", { name: "Yes" }).click();
  await waits.getByText(/^Yes, said Bob Builder \(bob\)/).waitFor();
  await waits.getByLabel("percent").fill("much");
  await page.keyboard.press("Enter");
  await waits.getByText("Enter a number").waitFor();
  await waits.getByLabel("percent").fill("12.5");
  await page.keyboard.press("Enter");
  await phaseOf(page, "succeeded").waitFor();
  await page.getByRole("region", { name: "Outputs" }).getByText("12.5").waitFor();
  const answered = page.getByRole("region", { name: "Asked and answered" });
  await answered.getByText(/^12\.5, said Bob Builder/).waitFor();
  expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/^12\.5, said/);
  await opened.expectClean();

  await page.getByRole("tab", { name: "Actions (3)" }).click();
  await page.getByRole("treeitem", { name: /^percent/ }).click();
  await page.getByRole("heading", { name: "percent", level: 2 }).waitFor();
  const { searchParams } = new URL(page.url());
  expect(searchParams.get("tab")).toBe("actions");
  const deep = await browser.open(`${run.url}?action=${searchParams.get("action")}`, {
    key: server.keyOf("alice"),
    theme: "dark",
    width: 390,
  });
  await deep.page.getByRole("heading", { name: "percent", level: 2 }).waitFor();
  await deep.expectClean();
  await deep.page.getByRole("link", { name: "Show the run itself" }).click();
  await deep.page.getByRole("region", { name: "Outputs" }).getByText("12.5").waitFor();
});

test("a tree of hundreds of actions is walked by keyboard, with few of them on the page", async () => {
  const alice = as("alice");
  const script = await alice.deployScript("parent", "sleep 1000");
  const run = await alice.start(script, {
    runSpec: {
      labels: { values: { team: "<b>core</b>" } },
      envs: { values: [{ key: "MODE", value: "secret-mode" }] },
    },
  });
  const root = actionOf(run);
  const trace = (name: string, parent: string) =>
    alice.actions.enqueue({
      action: {
        actionId: { ...root, name },
        parentActionName: parent,
        spec: { case: "trace", value: { name: `<i>${name}</i>`, phase: 5 } },
      },
    });
  await alice.reach(run, "running");
  const url = server.pageUrl(`runs/${nameOf(run)}`);
  const opened = await browser.open(`${url}?tab=actions`, { key: server.keyOf("alice") });
  const { page } = opened;
  await phaseOf(page, "running").waitFor();
  await fact(page, "Labels").getByText("team: <b>core</b>").waitFor();
  await fact(page, "Environment variables").getByText("MODE").waitFor();
  expect(await page.content()).not.toContain("secret-mode");
  const all = 200;
  for (let at = 0; at < all; at += 1) {
    await trace(`t${String(at).padStart(3, "0")}`, root.name);
  }
  await page.getByRole("tab", { name: `Actions (${all + 1})` }).click();
  const tree = page.getByRole("tree", { name: "Actions" });
  await tree.focus();
  await page.keyboard.press("End");
  await tree.getByRole("treeitem", { name: /t199/ }).waitFor();
  expect(await tree.getByRole("treeitem").count()).toBeLessThan(80);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "<i>t199</i>", level: 2 }).waitFor();
  expect(new URL(page.url()).searchParams.get("action")).toBe("t199");
  await opened.expectClean();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => tree.getByRole("treeitem").count()).toBe(1);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "<i>t000</i>", level: 2 }).waitFor();
  await alice.runs.abortRun({ runId: runIdOf(run) });
  await phaseOf(page, "aborted").waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "<i>t199</i>", level: 2 }).waitFor();

  await page.goto(server.pageUrl("runs/rnone"));
  await page.getByRole("heading", { name: "There is no such run" }).waitFor();
  await page.getByRole("link", { name: "Go to the runs of flytesnacks" }).click();
  await page.waitForURL(/\/runs$/);
});
