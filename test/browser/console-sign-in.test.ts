import { expect, onTestFinished, test } from "vitest";
import { ServerProcess } from "../support/dev-process.ts";
import { connect } from "../support/devbox-client.ts";
import { useConsoleBrowser } from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

const browser = useConsoleBrowser();
const server = useDevServer();

/** As the administrator of keys. */
async function administerKeys(method: string, path = "", body?: object): Promise<unknown> {
  const response = await fetch(`${server.ready.controlPlane}/devbox/v1/api-keys${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.keyOf("alice")}`,
      "content-type": "application/json",
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  return response.json();
}

test("a key signs in, and is gone with the tab", async () => {
  const opened = await browser.open(server.ready.console, { expected: /401/ });
  const { page } = opened;
  const field = page.getByLabel("API key");
  await field.waitFor();
  await opened.expectClean();
  for (const [typed, words] of [
    ["", "Enter an API key"],
    ["two words", "no spaces"],
    ["$FLYTE_API_KEY", "name of a variable"],
    ["nobodys-key", "does not know the key"],
  ] as const) {
    await field.fill(typed);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText(words).waitFor();
  }
  await opened.expectClean();
  await field.fill(server.keyOf("alice"));
  await page.keyboard.press("Enter");
  const account = page.getByRole("button", { name: "Account: Alice Admin" });
  await account.waitFor();
  await page.waitForURL(/\/v2\/domain\/development\/project\/flytesnacks\/runs$/);
  await page.reload();
  await account.waitFor();

  const other = await browser.open(page.url(), { expected: /401/ });
  await other.page.getByLabel("API key").waitFor();

  await account.click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await field.waitFor();
  await page.reload();
  await field.waitFor();
});

test.each([
  ["light", 1280],
  ["light", 390],
  ["dark", 1280],
  ["dark", 390],
] as const)("the sign-in is clean in %s at %d", async (theme, width) => {
  const opened = await browser.open(server.ready.console, { theme, width, expected: /401/ });
  await opened.page.getByLabel("API key").waitFor();
  await opened.expectClean();
});

test("a key is taken as people have it: in a header, in an assignment, as an SDK's", async () => {
  const { apiKey, key } = await createKey("bob");
  for (const pasted of [
    `  Authorization: Bearer ${key}\n`,
    `export FLYTE_API_KEY="${apiKey}"`,
    `'${key}'`,
  ]) {
    const { page } = await browser.open(server.ready.console, { expected: /401/ });
    const field = page.getByLabel("API key");
    await field.waitFor();
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.evaluate((text) => navigator.clipboard.writeText(text), pasted);
    await page.keyboard.press("Control+v");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Account: Bob Builder" }).waitFor();
    await page.close();
  }
});

test("who signs out does so in all tabs of theirs", async () => {
  const key = server.keyOf("bob");
  const first = await browser.open(server.pageUrl("triggers"), { key });
  const second = await browser.open(server.pageUrl("tasks"), { key });
  const alices = await browser.open(server.pageUrl("apps"), { key: server.keyOf("alice") });
  for (const { page } of [first, second]) await page.getByText("Bob Builder").first().waitFor();
  await first.page.getByRole("button", { name: "Account" }).click();
  await first.page.getByRole("button", { name: "Sign out" }).click();
  await second.page.getByText("You signed out in another tab.").waitFor();
  await alices.page.getByRole("button", { name: "Account: Alice Admin" }).waitFor();
});

test("a key that is revoked while somebody works asks for another, and goes on at the same page", async () => {
  const { id, key } = await createKey("bob");
  const url = server.pageUrl("triggers?search=night");
  // Without the key that a reload would bring back.
  const opened = await browser.open(url, { expected: /401/ });
  const { page } = opened;
  await page.getByLabel("API key").fill(key);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "nightly" }).waitFor();
  await administerKeys("DELETE", `/${id}`);
  await page.getByRole("button", { name: "Refresh triggers" }).click();
  await page.getByText("Your key is no longer valid").waitFor();
  await opened.expectClean();
  await page.getByLabel("API key").fill(server.keyOf("alice"));
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "nightly" }).waitFor();
  expect(page.url()).toBe(url);
});

test("a key that is revoked under an open stream asks for another once there is something to tell", async () => {
  const alice = connect({ url: server.ready.controlPlane, keys: server.ready.keys }, "alice");
  const task = await alice.deployScript("quiet", "sleep 1000");
  const { id, key } = await createKey("bob");
  const { page } = await browser.open(server.pageUrl("runs"), { key });
  await page.getByText("Live", { exact: true }).waitFor();
  await administerKeys("DELETE", `/${id}`);
  await alice.start(task);
  await page.getByText("Your key is no longer valid").waitFor();
  await page.getByLabel("API key").waitFor();
});

test("a devbox that lets everybody in asks for no key, and takes one", async () => {
  const free = ["--state", "memory", "--port", "0"];
  const open = await ServerProcess.start(["devbox", "--allow-anonymous", ...free]);
  onTestFinished(() => open[Symbol.asyncDispose]());
  const opened = await browser.open(
    `${open.ready.console}/domain/development/project/flytesnacks/triggers`,
  );
  const { page } = opened;
  const anonymous = page.getByRole("button", { name: "Account: Anonymous" });
  await anonymous.click();
  await page.getByText("lets everybody in").waitFor();
  await page.getByRole("button", { name: "Sign in with a key" }).click();
  await page.getByRole("button", { name: "Go on without a key" }).click();
  await anonymous.click();
  await page.getByRole("button", { name: "Sign in with a key" }).click();
  await page.getByLabel("API key").fill(open.ready.keys["alice"] ?? "");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Account: Alice Admin" }).waitFor();
  await opened.expectClean();
});

interface CreatedKey {
  readonly id: string;
  readonly key: string;
  /** In the form of Flyte's SDKs. */
  readonly apiKey: string;
}

async function createKey(user: string): Promise<CreatedKey> {
  const made = (await administerKeys("POST", "", { user, name: "test" })) as {
    readonly [name in "id" | "key" | "clientId" | "clientSecret"]: string;
  };
  const { id, key, clientId, clientSecret } = made;
  const { host } = new URL(server.ready.controlPlane);
  const apiKey = Buffer.from([host, clientId, clientSecret, ""].join(":")).toString("base64");
  return { id, key, apiKey };
}
