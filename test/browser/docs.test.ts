import { expect, test } from "vitest";
import { useConsoleBrowser } from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

/** The documentation pages in a real Chromium: they render under their CSP, from this server alone. */
const browser = useConsoleBrowser();
const server = useDevServer();

/** Swagger UI and Redoc draw images that are in their styles. */
const expected = /^request to (data|blob):/;

test("/docs lets a person try an endpoint with their key", async () => {
  const { page, complaints } = await browser.open(`${server.ready.webhook}/docs`, { expected });
  await page.getByText("/run-task/{domain}/{project}/{name}").first().waitFor();
  await page.getByRole("button", { name: "Authorize" }).first().click();
  const bearer = page.locator(".auth-container").filter({ hasText: "bearer" });
  await bearer.locator("input").fill(server.keyOf("alice"));
  await bearer.locator("button[type=submit]").click();
  await page.locator(".btn-done").first().click();
  await page.getByText("/me", { exact: true }).first().click();
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await page.getByText('"alice"').first().waitFor();
  expect(complaints).toEqual([]);
});

test("/redoc renders the whole document", async () => {
  const { page, complaints } = await browser.open(`${server.ready.webhook}/redoc`, { expected });
  await page.getByRole("heading", { name: /Flyte Webhook/ }).waitFor();
  await page.getByText("/run/{name}/io").first().waitFor();
  expect(complaints).toEqual([]);
});
