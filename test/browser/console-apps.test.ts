import { get } from "node:http";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AppSpec } from "../../src/client/app-spec.ts";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { lookupHost } from "../../src/shared/lookup-host.ts";
import {
  type ConsolePage,
  type OpenOptions,
  useConsoleBrowser,
} from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

const browser = useConsoleBrowser();
const server = useDevServer();
let flyte: ControlPlane;

beforeAll(() => {
  flyte = createControlPlane({
    endpoint: server.ready.controlPlane,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(server.keyOf("alice")),
  });
});

afterAll(() => flyte?.close());

const program = `
console.log("listening \\u001b[31m<b>on</b>\\u001b[0m " + process.env.PORT);
require("node:http").createServer((request, response) => {
  console.log("asked for " + request.url);
  response.end("hello from the app");
}).listen(process.env.PORT, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));`;

function app(name: string, given: Partial<AppSpec> = {}): AppSpec {
  return {
    name,
    description: "Says hello",
    container: {
      image: "ghcr.io/example/site:1",
      command: [process.execPath, "-e", program],
      args: ["--", "--api-key", "not-for-your-eyes"],
      env: { MODEL: "a value of a variable" },
      port: 8080,
      requests: { cpu: "1" },
      limits: {},
    },
    replicas: [1, 1],
    requiresAuth: false,
    secrets: [],
    links: [
      { path: "/docs", title: "Documentation", isRelative: true },
      { path: "javascript:alert(1)", title: "Hostile", isRelative: false },
      { path: "//evil.example/x", title: "Elsewhere", isRelative: true },
    ],
    clusterPool: "default",
    labels: { team: "ml" },
    inputs: [{ name: "threshold", value: "<script>0.7</script>" }],
    ...given,
  };
}

const open = (path: string, options: OpenOptions = {}, domain = "development") =>
  browser.open(server.pageUrl(path, { domain }), { key: server.keyOf("alice"), ...options });

/** How the app is doing, as its page says it. */
const state = (page: Page) => page.locator(".app-state-line");
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

test("an app that is stopped is woken from its page, followed and stopped again", async () => {
  await flyte.apps.deploy(app("site"), { wait: true });
  await flyte.apps.deactivate({ name: "site" }, { wait: true });

  const opened = await open("apps/site");
  const { page } = opened;
  await state(page).getByText("Stopped", { exact: true }).waitFor();
  await page.getByText("It has none while it is stopped.").waitFor();
  expect(await button(page, "Deactivate").count()).toBe(0);
  await opened.expectClean();

  await button(page, "Activate").click();
  await state(page).getByText("Active", { exact: true }).waitFor();
  await page.getByText("Revision 3 is starting.", { exact: true }).waitFor();
  await page.getByRole("cell", { name: "Replaced" }).first().waitFor();

  const address = page.getByRole("link", { name: /site-flytesnacks-development/ });
  expect(await address.getAttribute("target")).toBe("_blank");
  const url = (await address.getAttribute("href")) ?? "";
  expect(await ask(`${url}/from-the-test`)).toBe("hello from the app");
  const docs = page.getByRole("link", { name: /Documentation/ });
  expect(await docs.getAttribute("href")).toBe(`${url}/docs`);
  expect(await page.getByRole("link", { name: "Hostile" }).count()).toBe(0);
  const elsewhere = page.getByRole("link", { name: /Elsewhere/ });
  expect(await elsewhere.getAttribute("href")).toBe(`${url}/evil.example/x`);
  await opened.expectClean();

  await page.getByRole("tab", { name: "Logs" }).click();
  await page.getByText("asked for /from-the-test").waitFor();
  expect(new URL(page.url()).searchParams.get("tab")).toBe("logs");
  await opened.expectClean();

  await button(page, "Deactivate").click();
  await page.getByLabel("Reason").fill("It is late");
  await opened.expectClean();
  await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
  await state(page).getByText("Stopped", { exact: true }).waitFor();
  await state(page).getByText("It is late").waitFor();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await opened.expectClean();
});

test("the specification shows names and no values that may be secret", async () => {
  await flyte.apps.deploy(app("described"), { wait: true });
  const opened = await open("apps/described?tab=specification", { theme: "dark", width: 390 });
  const { page } = opened;
  await page.getByText("ghcr.io/example/site:1").waitFor();
  await page.getByText("<script>0.7</script>").waitFor();
  const text = await page.locator("main").textContent();
  for (const shown of ["MODEL", "--api-key", "threshold", "team: ml", "cpu 1"]) {
    expect(text).toContain(shown);
  }
  for (const hidden of ["not-for-your-eyes", "a value of a variable"]) {
    expect(text).not.toContain(hidden);
  }
  await opened.expectClean();
});

test("the list is live, and finds apps by what they are", async () => {
  const opened = await open("apps", {}, "staging");
  const { page } = opened;
  await page.getByRole("heading", { name: "No app is deployed here" }).waitFor();
  await page.getByText(/^flyte-webhook deploy app.ts -p flytesnacks -d \w+ --wait$/).waitFor();
  await opened.expectClean();

  const staged = { domain: "staging", project: "flytesnacks" };
  await flyte.apps.deploy(app("first", staged), { wait: true });
  await flyte.apps.deploy(app("second", { ...staged, replicas: [0, 2] }), { wait: true });
  const first = page.getByRole("row").filter({ has: page.getByRole("link", { name: "first" }) });
  await first.getByText("Active", { exact: true }).waitFor();
  await first.getByText("1 of 1", { exact: true }).waitFor();
  await page.getByText("2 apps").waitFor();
  await opened.expectClean();
  await flyte.apps.deactivate({ name: "first", ...staged }, { wait: true });
  await first.getByText("Stopped", { exact: true }).waitFor();

  await page.getByLabel("Search").fill("stopped");
  await page.getByText("1 of 2 apps").waitFor();
  await page.getByLabel("Search").fill("nothing is like this");
  await page.getByRole("heading", { name: "No app is like that" }).waitFor();
  await opened.expectClean();
  await page.getByLabel("Search").fill("second");
  await page.getByRole("link", { name: "second" }).first().click();
  await page.getByRole("heading", { name: "second", level: 1 }).waitFor();

  await button(page, "Delete").click();
  await opened.expectClean();
  await page.getByRole("button", { name: "Delete the app" }).click();
  await page.getByRole("heading", { name: "Apps", level: 1 }).waitFor();
  await page.getByText("1 app", { exact: true }).waitFor();
  await expectCleanEverywhere(`apps`, "staging", "Stopped");
});

test("who may only look is refused in words, and the app goes on", async () => {
  const production = { domain: "production", project: "flytesnacks" };
  await flyte.apps.deploy(app("shop", production), { wait: true });
  const opened = await open(
    "apps/shop",
    { key: server.keyOf("bob"), expected: /403/ },
    "production",
  );
  const { page } = opened;
  await state(page).getByText("Active", { exact: true }).waitFor();
  await button(page, "Deactivate").click();
  await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
  await page.getByRole("alert").getByText("You may not do this").waitFor();
  await opened.expectClean();
  await page.keyboard.press("Escape");
  await button(page, "Delete").click();
  await page.getByRole("button", { name: "Delete the app" }).click();
  await page.getByRole("alert").getByText("You may not do this").waitFor();
  expect(await flyte.apps.get({ name: "shop", ...production })).toMatchObject({ isActive: true });
});

test("an app that fails or is not there says so", async () => {
  const missing = await open("apps/nowhere", { expected: /404/ });
  await missing.page.getByRole("heading", { name: "There is no such app" }).waitFor();
  await missing.expectClean();
  const { container } = app("broken");
  const failing = { ...container, command: ["/bin/sh", "-c", "echo 'no model' >&2; exit 3"] };
  await flyte.apps.deploy(app("broken", { container: failing }));
  await expectCleanEverywhere("apps/broken", "development", "Failed");
});

/** In light and dark, wide and narrow. */
async function expectCleanEverywhere(path: string, domain: string, shown: string): Promise<void> {
  for (const [theme, width] of [
    ["dark", 1280],
    ["light", 390],
    ["dark", 390],
  ] as const) {
    const opened: ConsolePage = await open(path, { theme, width }, domain);
    await opened.page.getByText(shown, { exact: true }).first().waitFor();
    await opened.expectClean();
    await opened.page.close();
  }
}

/** What an app answers. */
function ask(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { lookup: lookupHost }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}
