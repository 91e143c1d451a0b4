import { expect, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { useConsoleBrowser } from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

const browser = useConsoleBrowser();
const server = useDevServer();

const looks = [
  { theme: "light", width: 1280 },
  { theme: "dark", width: 1280 },
  { theme: "light", width: 390 },
  { theme: "dark", width: 390 },
] as const;

async function start(
  task: string,
  inputs: object,
  { as = "bob" }: { readonly as?: "alice" | "bob" } = {},
): Promise<string> {
  const caller = createCaller(server.ready.webhook, server.keyOf(as));
  const { status, body } = await caller.post(`/run-task/development/flytesnacks/${task}`, inputs);
  expect(status).toBe(200);
  return body.name;
}

test("without runs the page says how to start one", async () => {
  for (const look of looks) {
    const opened = await browser.open(server.pageUrl("runs"), {
      key: server.keyOf("bob"),
      ...look,
    });
    const { page } = opened;
    await page.getByRole("heading", { name: "No runs yet" }).waitFor();
    await page.getByText("flyte-webhook run development/flytesnacks/").waitFor();
    await page
      .getByText(`curl -X POST ${server.ready.webhook}/run-task/development/flytesnacks/`)
      .waitFor();
    await opened.expectClean();
    await page.close();
  }
});

test("a run through the webhook appears with its caller as owner and goes to its end by itself", async () => {
  const opened = await browser.open(server.pageUrl("runs"), { key: server.keyOf("alice") });
  const { page } = opened;
  await page.getByRole("heading", { name: "No runs yet" }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  const name = await start("slow.count", { to: 2 });
  const row = page.getByRole("row").filter({ hasText: name });
  await row.getByRole("cell", { name: "Bob Builder" }).waitFor();
  await row.getByRole("cell", { name: "running" }).waitFor();
  await row.getByRole("cell", { name: /^\d s$/ }).waitFor();
  await row.getByRole("cell", { name: "succeeded" }).waitFor();
  await row.getByRole("cell", { name: /^[23]\.\d s$/ }).waitFor();
  await opened.expectClean();
  await row.getByRole("link", { name }).click();
  await page.waitForURL(`**/runs/${name}`);
  await page.goBack();
  await row.waitFor();
});

test("filters are in the address, judge what changes, and can be taken back", async () => {
  const failed = await start("failing.always", {});
  const own = await start("stats.describe", { values: [1] }, { as: "alice" });
  const opened = await browser.open(server.pageUrl("runs"), { key: server.keyOf("alice") });
  const { page } = opened;
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });
  const search = () => new URL(page.url()).search;
  await row(failed).getByRole("cell", { name: "failed" }).waitFor();

  await page.getByRole("button", { name: /^Phase/ }).click();
  await page.getByRole("checkbox", { name: "failed" }).check();
  await page.keyboard.press("Escape");
  await row(own).waitFor({ state: "detached" });
  expect(search()).toBe("?phase=failed");
  // What ends otherwise never shows, and what fails does at the moment it does.
  const fine = await start("stats.describe", { values: [2] });
  const second = await start("failing.always", {});
  await row(second).waitFor();
  expect(await row(fine).count()).toBe(0);

  await page.getByLabel("Task contains").fill("DESCR");
  await page.getByRole("heading", { name: "No run matches these filters" }).waitFor();
  await opened.expectClean();
  await page.goBack();
  await row(second).waitFor();
  await page.goForward();
  await page.getByRole("heading", { name: "No run matches these filters" }).waitFor();
  await page.getByRole("search").getByRole("button", { name: "Clear filters" }).click();
  await row(fine).waitFor();
  expect(search()).toBe("");

  await page.getByRole("button", { name: "Mine only" }).click();
  await row(fine).waitFor({ state: "detached" });
  await row(own).waitFor();
  expect(search()).toBe("?owner=alice");

  await page.getByLabel("Name of a run").fill("Not A Name");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Name of a run").fill(own);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/runs/${own}`);

  for (const look of looks) {
    const deep = `runs?phase=failed,aborted&task=FAIL&owner=bob&since=24h`;
    const linked = await browser.open(server.pageUrl(deep), { key: server.keyOf("bob"), ...look });
    const rows = linked.page.getByRole("row");
    await rows.filter({ hasText: failed }).waitFor();
    expect(await rows.count()).toBe(3);
    if (look.width < 700) await linked.page.getByRole("button", { name: "Filters (4)" }).click();
    expect(await linked.page.getByLabel("Owner", { exact: true }).inputValue()).toBe("bob");
    await linked.page.getByRole("button", { name: /^Phase/ }).click();
    await linked.expectClean();
    await linked.page.close();
  }
  const past = await browser.open(
    server.pageUrl("runs?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z"),
    { key: server.keyOf("bob") },
  );
  await past.page.getByRole("heading", { name: "No run matches these filters" }).waitFor();
  // The reader's zone is Zurich.
  expect(await past.page.getByLabel("From").inputValue()).toMatch(/^2020-01-01T01:00/);
});

test("where somebody may not read the page says so", async () => {
  const opened = await browser.open(server.pageUrl("runs", { domain: "nowhere" }), {
    key: server.keyOf("bob"),
    expected: /403/,
  });
  await opened.page.getByText("bob may not read").waitFor();
  await opened.expectClean();
});
