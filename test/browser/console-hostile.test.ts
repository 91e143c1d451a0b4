import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { connect } from "../support/devbox-client.ts";
import {
  type ConsolePage,
  type OpenOptions,
  useConsoleBrowser,
} from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";
import {
  createHostileContent,
  type HostileContent,
  hostile,
  lastLine,
  markup,
  shown,
} from "./support/hostile-content.ts";

const browser = useConsoleBrowser();
const server = useDevServer();
let content: HostileContent;

beforeAll(async () => {
  const { controlPlane: url, keys } = server.ready;
  content = await createHostileContent(connect({ url, keys }, "alice"));
});

async function open(path: string, options: OpenOptions = {}): Promise<ConsolePage> {
  return browser.open(path.startsWith("http") ? path : server.pageUrl(path), {
    key: server.keyOf("alice"),
    ...options,
  });
}

/** Nothing was taken for markup, and the page still does what it is told. */
async function expectUnharmed({ page, ...opened }: ConsolePage): Promise<void> {
  const harm = await page.evaluate(() => ({
    pwned: "pwned" in globalThis,
    injected: document.querySelectorAll(
      "#console :is(img[src=x], svg[onload], script, iframe, object, embed, [onerror], [onclick])",
    ).length,
    links: [...document.querySelectorAll("a")]
      .map(({ protocol }) => protocol)
      .filter((protocol) => !/^https?:$/.test(protocol)),
  }));
  expect(harm).toEqual({ pwned: false, injected: 0, links: [] });
  await opened.expectClean();
  const account = page.getByRole("region", { name: "Account" });
  await page
    .getByRole("banner")
    .getByRole("button", { name: /Alice Admin|Account/ })
    .click();
  await account.waitFor();
  await page.keyboard.press("Escape");
  await account.waitFor({ state: "hidden" });
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

test("inputs and outputs show hostile values as text", async () => {
  const opened = await open(`runs/${content.succeeded}`);
  const { page } = opened;
  const outputs = page.getByRole("region", { name: "Outputs" });
  await outputs.getByText(shown).first().waitFor();
  await outputs.getByText("9007199254740993").waitFor();
  await outputs.getByText("data:text/html").waitFor();
  expect(await outputs.getByRole("link").count()).toBe(0);
  await outputs.getByText("0 to 99 of 10,000").waitFor();
  await outputs.getByRole("button", { name: "Last page" }).click();
  await outputs.getByRole("cell", { name: "9999", exact: true }).waitFor();
  await expectUnharmed(opened);

  await outputs.getByRole("button", { name: "show 9,000 of" }).click();
  await outputs.getByRole("button", { name: "show 90,000 of" }).click();
  for (let depth = 0; depth < 5; depth += 1) {
    await outputs.locator("details:not([open]) > summary", { hasText: "2 fields" }).last().click();
  }
  await outputs.getByRole("button", { name: "Copy text as JSON" }).click();
  await outputs.getByRole("button", { name: "Copied text as JSON" }).waitFor();
  expect(JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))).toBe(hostile);
  await outputs.getByRole("button", { name: "JSON", exact: true }).click();
  await outputs.getByRole("region", { name: "Outputs as JSON" }).waitFor();
  await expectUnharmed(opened);
});

test("a log of 100,000 lines shows hostile lines as text, and is searched", async () => {
  const opened = await open(`runs/${content.succeeded}?tab=logs`);
  const { page } = opened;
  const log = page.getByRole("region", { name: /^Log of/ });
  await log.getByText(lastLine).waitFor();
  await page.getByText(/^100,0\d\d lines$/).waitFor();
  await log.getByText("98%|").waitFor();
  await expectUnharmed(opened);

  const search = page.getByRole("searchbox", { name: "Search the log" });
  await search.fill("ONERROR");
  await page.getByText("2 lines").waitFor();
  await search.press("Enter");
  await log.getByText(shown).waitFor();
  expect(await log.locator("mark").first().textContent()).toBe("onerror");
  await expectUnharmed(opened);
  await search.fill("line 4242");
  await page.getByText("11 lines").waitFor();
  await search.press("Enter");
  await log.getByText("line 4242", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Go to the end" }).click();
  await log.getByText(lastLine).waitFor();
});

test("errors, reasons and descriptions are text on every page that shows them", async () => {
  const { failed, aborted, task, trigger } = content;
  const taskPath = `tasks/${encodeURIComponent(task.name)}`;
  const triggerPath = `triggers/${encodeURIComponent(task.name)}/${encodeURIComponent(trigger)}`;
  const pages: readonly (readonly [path: string, text: string])[] = [
    ["runs", task.name],
    [`runs/${failed}`, markup],
    [`runs/${aborted}`, shown],
    ["triggers", trigger],
    [triggerPath, shown],
    ["apps", ""],
    ["webhook", ""],
    ["tasks", task.name],
    [taskPath, shown],
    [`${taskPath}/launch?from=${content.succeeded}`, shown],
  ];
  for (const [path, text] of pages) {
    const opened = await open(path, { width: path === "runs" ? 390 : 1280 });
    await heading(opened.page).waitFor();
    if (text !== "") await opened.page.getByText(text).first().waitFor();
    await expectUnharmed(opened);
    await opened.page.close();
  }
});

test("hostile addresses are pages of the console", async () => {
  const { console: root } = server.ready;
  const scope = `${root}/domain/development/project/flytesnacks`;
  const script = encodeURIComponent(markup);
  const addresses = [
    `${root}/domain/%00/project/..%2f..%2fetc/runs`,
    `${root}/domain/%ff/project/%c0%af/runs/x`,
    `${root}/domain/${script}/project/${encodeURIComponent(hostile)}/runs/${script}`,
    `${scope}/runs/${"x".repeat(5_000)}`,
    `${scope}/runs/${content.succeeded}?action=${script}&tab=${script}&attempt=-1`,
    `${scope}/runs?phase=${script}&task=${script}&owner=${script}&from=NaN`,
    `${scope}/tasks/__proto__`,
    `${scope}/apps/constructor?tab=__proto__`,
    `${scope}/triggers/${script}/${script}`,
    `${scope}/webhook?tab=${script}&hook=${script}`,
    `${scope}/${script}`,
    `${root}/${script}//x?${script}#${script}`,
  ];
  for (const address of addresses) {
    // What is not there is answered 404, and what nothing can be called 400.
    const opened = await open(address, { expected: /40[034]/ });
    await opened.page.getByRole("heading").or(opened.page.getByRole("alert")).first().waitFor();
    await expectUnharmed(opened);
    await opened.page.close();
  }
});
