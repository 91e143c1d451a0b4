import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { ServerProcess } from "../support/dev-process.ts";
import { connect } from "../support/devbox-client.ts";
import { useConsoleBrowser } from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

const browser = useConsoleBrowser();
const server = useDevServer();

const pathOf = (page: Page): string => new URL(page.url()).pathname;
const heading = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 });
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.id ?? "");

test("project and domain are changed by keyboard, and stay in the address", async () => {
  const opened = await browser.open(server.pageUrl("triggers"), { key: server.keyOf("bob") });
  const { page } = opened;
  await page.getByRole("link", { name: "nightly" }).waitFor();
  const domain = page.getByLabel("Domain");
  await domain.focus();
  await page.keyboard.press("ArrowDown");
  await page.waitForURL(/\/domain\/staging\/project\/flytesnacks\/triggers$/);
  // Who chooses goes on choosing.
  expect(await domain.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press("p");
  await page.waitForURL(/\/domain\/production\//);
  await page.getByLabel("Project").selectOption("system");
  await page.waitForURL(/\/domain\/production\/project\/system\/triggers$/);
  await page.goBack();
  await page.goBack();
  await page.waitForURL(/\/domain\/staging\/project\/flytesnacks\/triggers$/);
  await expect.poll(() => domain.inputValue()).toBe("staging");
  await page.goto(`${server.ready.console}`);
  await page.waitForURL(/\/domain\/staging\/project\/flytesnacks\/runs$/);
});

test("a project or domain that there is not is no empty one", async () => {
  const key = server.keyOf("alice");
  const project = await browser.open(server.pageUrl("runs", { project: "nowhere" }), { key });
  await project.page.getByText("There is no project nowhere that you may read.").waitFor();
  await project.expectClean();
  const domain = await browser.open(server.pageUrl("apps", { domain: "test" }), { key });
  await domain.page.getByText("There is no domain test that you may read.").waitFor();
  await domain.page.getByLabel("Domain").selectOption("development");
  await domain.page.getByText("that you may read.").waitFor({ state: "detached" });
});

test("another page is announced and begins with the focus, and the skip link leads past the bar", async () => {
  const opened = await browser.open(server.pageUrl("triggers"), { key: server.keyOf("alice") });
  const { page } = opened;
  await heading(page, "Triggers").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("content");
  await page.getByRole("navigation", { name: "Pages" }).getByText("Tasks").click();
  await heading(page, "Tasks").waitFor();
  await expect.poll(() => focused(page)).toBe("content");
  await expect.poll(() => page.title()).toMatch(/^Tasks/);
  await page.getByRole("status").getByText("Tasks, flytesnacks development").waitFor();
  expect(
    await page.getByRole("link", { name: "Tasks", exact: true }).getAttribute("aria-current"),
  ).toBe("page");
});

test("keys lead to pages, never while somebody types, and can be switched off", async () => {
  const opened = await browser.open(server.pageUrl("triggers"), { key: server.keyOf("alice") });
  const { page } = opened;
  await heading(page, "Triggers").waitFor();
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await dialog.getByText("Go to runs").waitFor();
  await opened.expectClean();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await page.keyboard.type("grgt?");
  expect(await page.getByRole("searchbox").inputValue()).toBe("grgt?");
  expect(pathOf(page)).toMatch(/triggers$/);
  await page.getByRole("searchbox").blur();
  await page.keyboard.type("gt");
  await heading(page, "Tasks").waitFor();
  await page.keyboard.type("gg");
  await heading(page, "Triggers").waitFor();

  await page.getByRole("contentinfo").getByRole("button", { name: "Keyboard shortcuts" }).click();
  await dialog.getByRole("checkbox").uncheck();
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.keyboard.type("?gt");
  await page.reload();
  await heading(page, "Triggers").waitFor();
  await page.keyboard.type("?gt");
  expect(await dialog.count()).toBe(0);
  expect(pathOf(page)).toMatch(/triggers$/);
  await page.evaluate(() => localStorage.removeItem("flyte-console-shortcuts"));
});

test("the account says who it is and what they may, and colours are remembered", async () => {
  const opened = await browser.open(server.pageUrl("triggers"), { key: server.keyOf("bob") });
  const { page } = opened;
  onTestFinished(() => page.evaluate(() => localStorage.clear()));
  await page.getByRole("button", { name: "Account: Bob Builder" }).click();
  const account = page.getByRole("region", { name: "Account" });
  await account.getByText("bob@example.com").waitFor();
  await account.getByText("contributor in every project, development").waitFor();
  await account.getByText("viewer in every project, production").waitFor();
  await opened.expectClean();
  await account.getByLabel("Colours").selectOption("dark");
  const ground = (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await opened.expectClean();
  await page.reload();
  await heading(page, "Triggers").waitFor();
  expect(await ground()).toBe(dark);
  await page.getByRole("button", { name: "Account" }).click();
  await account.getByLabel("Colours").selectOption("light");
  expect(await ground()).not.toBe(dark);
  await page.keyboard.press("Escape");
  await account.waitFor({ state: "hidden" });
});

test.each([
  ["light", 1280],
  ["light", 390],
  ["dark", 1280],
  ["dark", 390],
] as const)("the shell is clean in %s at %d", async (theme, width) => {
  const url = server.pageUrl("nothing-here");
  const opened = await browser.open(url, { key: server.keyOf("alice"), theme, width });
  const { page } = opened;
  await page.getByText("There is no page at this address").waitFor();
  await page
    .getByRole("contentinfo")
    .getByText(/flyte-webhook \d/)
    .waitFor();
  await opened.expectClean();
  const bar = await page.getByRole("banner").boundingBox();
  expect(bar?.height).toBeLessThan(width === 390 ? 110 : 70);
});

test("a devbox that goes and comes back is noticed, and the page recovers by itself", async () => {
  const state = await mkdtemp(join(tmpdir(), "flyte-webhook-state-"));
  onTestFinished(() => rm(state, { recursive: true, force: true, maxRetries: 10 }));
  const start = (port: string) => ServerProcess.start(["devbox", "--state", state, "--port", port]);
  let devbox = await start("0");
  onTestFinished(() => devbox[Symbol.asyncDispose]());
  const { console: address, keys, controlPlane } = devbox.ready;
  const { deployScript, triggers } = connect({ url: controlPlane, keys }, "alice");
  const { project, domain, name, version } = await deployScript("script", "true");
  await triggers.deployTrigger({
    name: { project, domain, taskName: name, name: "by-hand" },
    spec: { taskVersion: version },
  });
  const opened = await browser.open(
    `${address}/domain/${domain}/project/${project}/triggers/${name}/by-hand`,
    {
      key: keys["alice"],
      expected: /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|503/,
    },
  );
  const { page } = opened;
  await page.getByRole("table", { name: "History" }).waitFor();
  const watching = await browser.open(`${address}/domain/${domain}/project/${project}/runs`, {
    key: keys["alice"],
    expected: /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|503/,
  });
  await watching.page.getByText("Live", { exact: true }).waitFor();
  await devbox.stop();
  await watching.page.getByText("The devbox does not answer.").waitFor();
  await page.getByRole("button", { name: "Refresh the trigger" }).click();
  await page.getByText("The devbox does not answer.").waitFor();
  // What was read stays.
  await page.getByRole("table", { name: "History" }).waitFor();
  await opened.expectClean();

  devbox = await start(new URL(controlPlane).port);
  await page.getByText("The devbox is back.").waitFor();
  await watching.page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("alert").waitFor({ state: "detached" });
  await page.getByRole("switch").click();
  await page.getByRole("row", { name: /Switched on Alice Admin/ }).waitFor();
  await opened.expectClean();
});
