import { expect, test } from "vitest";
import { useConsoleBrowser } from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

const browser = useConsoleBrowser();
const server = useDevServer();

test("a key signs in, and is gone with the tab", async () => {
  const opened = await browser.open(server.ready.console, { expected: /401/ });
  const { page } = opened;
  await page.getByLabel("API key").waitFor();
  await opened.expectClean();
  await page.getByLabel("API key").fill("nobodys-key");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("does not know the key").waitFor();
  await opened.expectClean();
  await page.getByLabel("API key").fill(server.keyOf("alice"));
  await page.keyboard.press("Enter");
  await page.getByText("Alice Admin").waitFor();
  expect(new URL(page.url()).pathname).toBe("/v2/domain/development/project/flytesnacks/runs");
  await opened.expectClean();
  await page.reload();
  await page.getByText("Alice Admin").waitFor();

  const other = await browser.open(page.url(), { expected: /401/ });
  await other.page.getByLabel("API key").waitFor();

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("API key").waitFor();
  await page.reload();
  await page.getByLabel("API key").waitFor();
});
