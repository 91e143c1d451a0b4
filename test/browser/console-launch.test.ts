import { spawn } from "node:child_process";

import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Primitive, SimpleType } from "../../src/idl/literals.ts";
import { RunSource } from "../../src/idl/runs.ts";
import { connect, type DevboxClient } from "../support/devbox-client.ts";
import { useConsoleBrowser } from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

const browser = useConsoleBrowser();
const server = useDevServer();

/** What the webhook tells of a run once it has ended. */
async function ioOf(run: string): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${server.keyOf("alice")}` };
  await fetch(`${server.ready.webhook}/run/${run}?wait=60`, { headers });
  const answer = await fetch(`${server.ready.webhook}/run/${run}/io`, { headers });
  return (await answer.json()) as Record<string, unknown>;
}

/** Starts the run of the form and waits for its page. */
async function startedRun(page: Page): Promise<string> {
  await page.waitForURL(/\/runs\/[^/]+$/);
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

function field(page: Page, label: string): Locator {
  return page.getByLabel(label, { exact: true });
}

function button(page: Page, name: string): Locator {
  return page.getByRole("button", { name, exact: true });
}

test("from the list of tasks to a run with a value of every type", async () => {
  const opened = await browser.open(server.pageUrl("tasks"), { key: server.keyOf("alice") });
  const { page } = opened;
  await page.getByText("11 tasks").waitFor();
  await opened.expectClean();
  await field(page, "Search").fill("TYPES");
  await page.getByText("1 of 11 tasks").waitFor();
  expect(new URL(page.url()).search).toBe("?search=TYPES");
  await page.getByRole("link", { name: "types.echo", exact: true }).click();
  await page.getByRole("table", { name: "Inputs" }).waitFor();
  const big = page.getByRole("table", { name: "Inputs" }).getByRole("row", { name: /^big/ });
  expect(await big.textContent()).toMatch(/integer\s*required\s*64 bits, exact beyond 2\^53/);
  await page.getByText("It has not run yet").waitFor();
  await opened.expectClean();

  await page.getByRole("link", { name: "Launch", exact: true }).click();
  await page.getByRole("heading", { name: "Inputs" }).waitFor();
  await field(page, "whole").fill("forty");
  await button(page, "Start the run").click();
  const summary = page.getByRole("region", { name: "17 values are not right yet" });
  await expect.poll(() => summary.evaluate((each) => each === document.activeElement)).toBe(true);
  await opened.expectClean();
  await summary.getByRole("link", { name: "place.y" }).click();
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
    "place.y",
  );
  await page.getByText('expected an integer, got "forty"').first().waitFor();
  expect(await field(page, "whole").inputValue()).toBe("forty");

  await field(page, "whole").fill("42");
  await field(page, "big").fill("9007199254740993");
  await field(page, "number").fill("-inf");
  await field(page, "text").fill("two lines:\n<b>'\"$(id)");
  await field(page, "flag").selectOption("true");
  await field(page, "moment").fill("2026-07-01 12:30:15");
  await page.getByText("Sent as 2026-07-01T10:30:15+00:00").waitFor();
  await field(page, "pause").fill("1h30m");
  await page.getByText("1 h 30 min (5400 seconds)").waitFor();
  await field(page, "anything as JSON").fill('{"deep": [1, {"a": null}]}');
  await field(page, "place.x").fill("1.5");
  await field(page, "place.y").fill("2");
  await button(page, "Add item to list").click();
  await page.keyboard.type("1");
  await button(page, "Add item to list").click();
  await page.keyboard.type("2");
  await button(page, "Move item 2 of list up").click();
  await button(page, "Add entry to table").click();
  await page.keyboard.type("row");
  await button(page, "Edit Value 1 of table as JSON").click();
  await field(page, "Value 1 of table as JSON").fill("[0.5, 1]");
  await button(page, "Edit Value 1 of table as JSON").click();
  expect(await field(page, "Value 1 of table 2").inputValue()).toBe("1");
  await field(page, "color").selectOption("green");
  await field(page, "Type of either").selectOption("string");
  await field(page, "either").fill("5");
  await field(page, "Address of file").fill("s3://bucket/in.csv");
  await field(page, "Address of folder").fill("s3://bucket/images");
  await field(page, "Address of dataset").fill("s3://bucket/df");
  await page.getByText("are not right yet").waitFor({ state: "detached" });
  // A double click starts one run.
  await button(page, "Start the run").dblclick();
  const run = await startedRun(page);
  const { inputs, outputs } = await ioOf(run);
  expect(inputs).toEqual({
    whole: 42,
    // As JSON.parse rounds it; the text of it is compared below.
    big: 9007199254740992,
    number: "-Infinity",
    text: "two lines:\n<b>'\"$(id)",
    flag: true,
    moment: "2026-07-01T10:30:15+00:00",
    pause: 5400,
    anything: { deep: [1, { a: null }] },
    place: { x: 1.5, y: 2, label: "" },
    list: [2, 1],
    table: { row: [0.5, 1] },
    color: "green",
    maybe: null,
    either: "5",
    file: { path: "s3://bucket/in.csv", name: "in.csv", format: "csv", hash: null },
    folder: { path: "s3://bucket/images", name: "images", format: "", hash: null },
    dataset: { uri: "s3://bucket/df", format: "parquet" },
  });
  expect(outputs).toMatchObject({ o0: 42, o13: "5" });

  await page.goto(server.pageUrl(`tasks/types.echo/launch?from=${run}`));
  await page.getByText("What you do not change is sent exactly as it was").waitFor();
  expect(await field(page, "big").inputValue()).toBe("9007199254740993");
  await field(page, "whole").fill("43");
  await button(page, "Start the run").click();
  const again = await ioOf(await startedRun(page));
  expect(again["inputs"]).toEqual({ ...(inputs as object), whole: 43 });
});

test("a run by keyboard alone, with options", async () => {
  const url = server.pageUrl("tasks/stats.describe/launch");
  const { page } = await browser.open(url, { key: server.keyOf("alice") });
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const tabTo = async (control: Locator): Promise<void> => {
    await control.waitFor();
    while (!(await control.evaluate((each) => each === document.activeElement))) await press("Tab");
  };
  await tabTo(button(page, "Add item to values"));
  await press("Enter");
  await page.keyboard.type("3");
  await tabTo(button(page, "Add item to values"));
  await press("Enter");
  await page.keyboard.type("4");
  await tabTo(page.getByText("Options of the run"));
  await press("Enter", "Tab");
  await page.keyboard.type("By-Keyboard");
  await press("Control+Enter");
  await page.getByRole("region", { name: "One value is not right yet" }).waitFor();
  await press("Tab", "Enter", "Control+a");
  await page.keyboard.type("by-keyboard");
  await press("Control+Enter");
  expect(await startedRun(page)).toBe("by-keyboard");
  expect(await ioOf("by-keyboard")).toMatchObject({ inputs: { values: [3, 4] } });

  await page.goto(url);
  await button(page, "Add item to values").click();
  await page.keyboard.type("5");
  await page.getByText("Options of the run").click();
  await field(page, "Name").fill("by-keyboard");
  await button(page, "Start the run").click();
  await page.getByText("there is a run of this name already").first().waitFor();
  expect(await field(page, "values 1").inputValue()).toBe("5");
});

test("a lost answer starts no second run", async () => {
  const url = server.pageUrl("tasks/stats.describe/launch");
  const { page } = await browser.open(url, {
    key: server.keyOf("alice"),
    expected: /Failed to load/,
  });
  await button(page, "Add item to values").click();
  await page.keyboard.type("7");
  const names: string[] = [];
  await page.route(/RunService\/CreateRun$/, async (route) => {
    const body = route.request().postDataBuffer()?.toString("latin1") ?? "";
    names.push(/r[b-z2-9]{19}/.exec(body)?.[0] ?? "");
    await route.fetch();
    await route.abort();
  });
  await button(page, "Start the run").click();
  await page.getByRole("alert").getByText("The devbox does not answer").waitFor();
  expect(await field(page, "values 1").inputValue()).toBe("7");
  await button(page, "Start the run").click();
  expect(await startedRun(page)).toBe(names[0]);
  expect(names).toHaveLength(1);
});

test("what one may not start is refused in words, and the form stays", async () => {
  const client = alice();
  const from = { project: "flytesnacks", domain: "development", name: "stats.describe" };
  const { versions } = await client.tasks.listVersions({ taskName: from });
  const version = versions[0]?.version ?? "";
  const { details } = await client.tasks.getTaskDetails({ taskId: { ...from, version } });
  await client.tasks.deployTask({
    taskId: { ...from, domain: "production", version },
    ...(details?.spec && { spec: details.spec }),
  });
  const url = server.pageUrl("tasks/stats.describe/launch", { domain: "production" });
  const opened = await browser.open(url, { key: server.keyOf("bob"), expected: /403/ });
  const { page } = opened;
  await button(page, "Add item to values").click();
  await page.keyboard.type("5");
  await button(page, "Start the run").click();
  await page.getByRole("alert").getByText("You may not do this").waitFor();
  expect(await field(page, "values 1").inputValue()).toBe("5");
  await opened.expectClean();
});

test("a run of another version says in words what differs", async () => {
  const client = alice();
  const hostile = "<img src=x onerror=alert(1)>\u202etxt";
  const integer = { type: { case: "simple" as const, value: SimpleType.INTEGER } };
  const string = { type: { case: "simple" as const, value: SimpleType.STRING } };
  const list = { type: { case: "collectionType" as const, value: integer } };
  const task = { project: "flytesnacks", domain: "development", name: "changing.task" };
  const deploy = (
    version: string,
    inputs: Readonly<Record<string, typeof list | typeof integer | typeof string>>,
  ) =>
    client.tasks.deployTask({
      taskId: { ...task, version },
      spec: {
        documentation: { shortDescription: hostile },
        taskTemplate: {
          type: "shell",
          target: { case: "container", value: { args: ["true"] } },
          interface: {
            inputs: {
              variables: Object.entries(inputs).map(([key, type]) => ({
                key,
                value: { type, description: hostile },
              })),
            },
          },
        },
      },
    });
  await deploy("v1", { same: integer, other: integer, [hostile]: string });
  await deploy("v2", { same: integer, other: list, fresh: string });
  const literal = (value: Primitive["value"]) => ({
    value: {
      case: "scalar" as const,
      value: { value: { case: "primitive" as const, value: { value } } },
    },
  });
  const run = await client.start(
    { ...task, version: "v1" },
    {
      inputWrapper: {
        case: "inputs",
        value: {
          literals: [
            { name: "same", value: literal({ case: "integer", value: 2n ** 62n }) },
            { name: "other", value: literal({ case: "integer", value: 7n }) },
            { name: hostile, value: literal({ case: "stringValue", value: hostile }) },
          ],
        },
      },
    },
  );
  const name = run.action?.id?.run?.name ?? "";
  const opened = await browser.open(server.pageUrl(`tasks/changing.task/launch?from=${name}`), {
    key: server.keyOf("alice"),
  });
  const { page } = opened;
  await page.getByText("which is not the latest").waitFor();
  expect(await field(page, "same").inputValue()).toBe("4611686018427387904");
  await opened.expectClean();
  await page.getByRole("link", { name: "Take the latest" }).click();
  await page.getByText("It was integer in the run and is list<integer> in this version").waitFor();
  await page.getByText("this version has none of that name").waitFor();
  expect(await field(page, "other as JSON").inputValue()).toBe("7");
  await button(page, "Start the run").click();
  await page.getByRole("region", { name: "2 values are not right yet" }).waitFor();
  await field(page, "other as JSON").fill("[7]");
  await button(page, "Edit other as JSON").click();
  expect(await field(page, "other 1").inputValue()).toBe("7");
  await button(page, "Give an empty text for fresh").click();
  await button(page, "Start the run").click();
  expect(await ioOf(await startedRun(page))).toMatchObject({ inputs: { other: [7], fresh: "" } });
  const { action } =
    (await client.runs.getRunDetails({ runId: { ...task, name: await startedRun(page) } }))
      .details ?? {};
  expect(action?.metadata?.source).toBe(RunSource.WEB);
  await page.goto(server.pageUrl("tasks/changing.task?version=v1"));
  await page.getByText("<img src=x onerror=alert(1)>[U+202E]txt").first().waitFor();
  await opened.expectClean();
});

function alice(): DevboxClient {
  const { controlPlane, keys } = server.ready;
  return connect({ url: controlPlane, keys }, "alice");
}

test("the pasted command starts a run", async () => {
  const url = server.pageUrl("tasks/orders.nightly");
  const { page } = await browser.open(url, { key: server.keyOf("alice") });
  await page.bringToFront();
  await page.getByText(`curl -X POST ${server.ready.webhook}/run-task/`).waitFor();
  await button(page, "Copy the call in curl").click();
  await button(page, "Copied the call in curl").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).not.toContain(server.keyOf("alice"));
  const answer = JSON.parse(await shell(copied, server.keyOf("alice"))) as { name: string };
  expect(await ioOf(answer.name)).toMatchObject({
    inputs: { day: "2026-01-01T00:00:00+00:00", orders: null },
  });
});

/** What a command writes, with the key in its environment. */
function shell(command: string, key: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", command], { env: { ...process.env, FLYTE_API_KEY: key } });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.once("error", reject).once("close", () => resolve(output));
  });
}

test.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 390],
  ["dark", 390],
] as const)("the pages are accessible, %s and %i wide", async (theme, width) => {
  const key = server.keyOf("alice");
  const list = await browser.open(server.pageUrl("tasks"), { key, theme, width });
  await list.page.getByText(/^\d+ tasks$/).waitFor();
  await list.expectClean();
  await list.page.goto(server.pageUrl("tasks/schedule.digest"));
  await list.page.getByRole("table", { name: "Triggers" }).waitFor();
  await list.expectClean();
  const { page } = list;
  await page.goto(server.pageUrl("tasks/types.echo/launch"));
  await button(page, "Add item to list").click();
  await button(page, "Add entry to table").click();
  await button(page, "Add item to Value 1 of table").click();
  await field(page, "Type of either").selectOption("string");
  await page.getByText("Options of the run").click();
  await button(page, "Add entry to Labels").click();
  await page.getByText("The same call from a program").click();
  await page.getByRole("tab", { name: "Python" }).click();
  await button(page, "Start the run").click();
  await page.getByRole("region", { name: /not right yet/ }).waitFor();
  await list.expectClean();
});
