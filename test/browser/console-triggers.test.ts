import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { connect, type DevboxClient } from "../support/devbox-client.ts";
import { useConsoleBrowser } from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

const browser = useConsoleBrowser();
const server = useDevServer(["--endpoint-group", "all", "fire", "inspect"]);

const nightly = "triggers/schedule.digest/nightly";

const digest = { project: "flytesnacks", domain: "development", taskName: "schedule.digest" };

/** What the control plane itself says, asked beside the console. */
function asAlice(): DevboxClient {
  const { controlPlane: url, keys } = server.ready;
  return connect({ url, keys }, "alice");
}

async function isActive(name: string): Promise<boolean | undefined> {
  const { trigger } = await asAlice().triggers.getTriggerDetails({ name: { ...digest, name } });
  return trigger?.spec?.active;
}

/** Through the webhook, as alice. */
async function post(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.ready.webhook}/trigger/schedule.digest/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.keyOf("alice")}` },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

const switchOf = (page: Page, name: string) =>
  page.getByRole("switch", { name: `Trigger ${name} of schedule.digest` });

test("the list tells schedules and switches triggers on and off", async () => {
  const opened = await browser.open(server.pageUrl("triggers"), { key: server.keyOf("alice") });
  const { page } = opened;
  const row = page.getByRole("row").filter({ hasText: "nightly" });
  await row.getByText("every day at 02:00").waitFor();
  await row.getByText("0 2 * * *").waitFor();
  await row.getByText("Europe/Berlin").waitFor();
  await row.getByText("never").waitFor();
  await opened.expectClean();

  await switchOf(page, "nightly").click();
  await row.getByRole("switch", { checked: true }).waitFor();
  await row.getByText(/^in \d+ (h|min|s)$/).waitFor();
  expect(await isActive("nightly")).toBe(true);
  await switchOf(page, "nightly").press("Space");
  await row.getByRole("switch", { checked: false }).waitFor();
  expect(await isActive("nightly")).toBe(false);

  const { name } = await post("often/fire");
  await page.getByRole("button", { name: "Refresh triggers" }).click();
  await page.getByRole("link", { name: String(name) }).waitFor();
  await page.getByRole("searchbox").fill("OFTE");
  await row.waitFor({ state: "detached" });
  await page.getByRole("searchbox").fill("digest");
  await row.waitFor();
  await page.getByRole("searchbox").fill("nothing like it");
  await page.getByRole("heading", { name: "No trigger matches" }).waitFor();
  await opened.expectClean();
});

test("a trigger is fired from its page, with inputs of one's own", async () => {
  const opened = await browser.open(server.pageUrl(nightly), { key: server.keyOf("alice") });
  const { page } = opened;
  await page.getByText("At two in the morning").waitFor();
  await page.getByText("the time at which it was due").waitFor();
  const fires = page.getByRole("table", { name: "Next fires" }).getByRole("row");
  await expect.poll(() => fires.count()).toBe(6);
  await page.getByRole("columnheader", { name: "Your time (Europe/Zurich)" }).waitFor();
  await page.getByRole("columnheader", { name: "Europe/Berlin" }).waitFor();

  await page.getByRole("button", { name: "Fire now" }).click();
  const inputs = page.getByLabel("Inputs, as JSON");
  await inputs.fill('{"region": "mars", "speed": 1}');
  await page.getByRole("button", { name: "Start the run" }).click();
  const refusal = page.getByRole("dialog").getByRole("alert");
  await refusal.getByText(/region/).waitFor();
  await refusal.getByText(/speed/).waitFor();
  await opened.expectClean();
  await inputs.fill('{"region": "us"}');
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.waitForURL(/\/runs\/r\w+$/);
  const run = new URL(page.url()).pathname.split("/").at(-1) ?? "";

  await page.goto(server.pageUrl(nightly));
  const runs = page.getByRole("table", { name: "Runs of the trigger" });
  await runs.getByRole("link", { name: run }).waitFor();
  await runs.getByText("Trigger, by hand").waitFor();
});

test.each([
  ["light", 1280],
  ["light", 390],
  ["dark", 1280],
  ["dark", 390],
] as const)("both pages are clean in %s at %d", async (theme, width) => {
  const options = { key: server.keyOf("alice"), theme, width };
  const opened = await browser.open(server.pageUrl("triggers"), options);
  await opened.page.getByRole("link", { name: "nightly" }).waitFor();
  await opened.expectClean();
  await opened.page.getByRole("link", { name: "nightly" }).click();
  await opened.page.getByRole("table", { name: "History" }).waitFor();
  await opened.expectClean();
});

test("its history says who did what, and a change of somebody else is shown first", async () => {
  const opened = await browser.open(server.pageUrl(nightly), { key: server.keyOf("bob") });
  const { page } = opened;
  const history = page.getByRole("table", { name: "History" });
  await switchOf(page, "nightly").click();
  await history.getByRole("row", { name: /Switched on Bob Builder/ }).waitFor();
  await history.getByRole("row", { name: /1 Deployed Alice Admin/ }).waitFor();

  // While the page does not look, so that it shows what was.
  await page.route(/GetTriggerRevisionHistory/, (route) => route.abort());
  await post("nightly/deactivate");
  await switchOf(page, "nightly").click();
  await page.getByText("Somebody else changed it meanwhile").waitFor();
  await page.getByText(/Alice Admin changed the trigger at .* it is off now/).waitFor();
  await page.unroute(/GetTriggerRevisionHistory/);
  await page.getByRole("button", { name: "Refresh the trigger" }).click();
  const newest = history.getByRole("row").nth(1);
  await newest.filter({ hasText: "Switched off" }).filter({ hasText: "Alice Admin" }).waitFor();
  await page.getByRole("switch", { checked: false }).waitFor();
});

test("who may not is told so in words", async () => {
  const expected = /403/;
  const opened = await browser.open(server.pageUrl(nightly), {
    key: server.keyOf("bob"),
    expected,
  });
  const { page } = opened;
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete the trigger" }).click();
  await page.getByText("You may not do this").waitFor();
  await opened.expectClean();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });

  await page.goto(server.pageUrl("triggers", { domain: "production" }));
  await switchOf(page, "nightly").click();
  await page.getByText("You may not do this").waitFor();
  expect(await switchOf(page, "nightly").getAttribute("aria-checked")).toBe("false");
  await opened.expectClean();
});

test("a deleted trigger keeps its history, and a place without triggers says what to type", async () => {
  const opened = await browser.open(server.pageUrl("triggers/schedule.digest/often"), {
    key: server.keyOf("alice"),
    expected: /404/,
  });
  const { page } = opened;
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete the trigger" }).click();
  await page.waitForURL(/\/triggers$/);
  await page.getByRole("link", { name: "nightly" }).waitFor();
  expect(await page.getByRole("link", { name: "often" }).count()).toBe(0);
  await page.goto(server.pageUrl("triggers/schedule.digest/often"));
  await page.getByText("This trigger is deleted").waitFor();
  await page.getByRole("row", { name: /Deleted Alice Admin/ }).waitFor();
  await opened.expectClean();
  await page.goto(server.pageUrl("triggers/schedule.digest/never"));
  await page.getByRole("heading", { name: "There is no such trigger" }).waitFor();

  await page.goto(server.pageUrl("triggers", { project: "system" }));
  await page.getByRole("heading", { name: "No triggers here yet" }).waitFor();
  await page.getByText("flyte-webhook create trigger -p system -d development").waitFor();
  await opened.expectClean();
});
