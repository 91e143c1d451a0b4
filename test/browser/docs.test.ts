import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ServerProcess } from "../support/dev-process.ts";

/** The documentation pages in a real Chromium: they render under their CSP, from this server alone. */
let server: ServerProcess;
let context: BrowserContext;
let profile: string;
/** Longest time for the browser to start and to show anything, on a busy machine too. */
const patienceMs = 120_000;

beforeAll(async () => {
  profile = await mkdtemp(join(tmpdir(), "flyte-webhook-browser-"));
  server = await ServerProcess.start([
    "dev",
    "--state",
    "memory",
    "--port",
    "0",
    "--devbox-port",
    "0",
  ]);
  context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    timeout: patienceMs,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  context.setDefaultTimeout(patienceMs);
});

afterAll(async () => {
  await context?.close();
  await server?.[Symbol.asyncDispose]();
  // Its processes may still write for a moment after it has closed.
  await rm(profile, { recursive: true, force: true, maxRetries: 100 });
});

interface Visit {
  readonly page: Page;
  /** Console errors, failed requests and requests to other origins. */
  readonly complaints: readonly string[];
}

async function visit(path: string): Promise<Visit> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(server.ready.webhook) && !/^(data|blob):/.test(url)) {
      complaints.push(`request to ${url}`);
    }
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`);
  });
  await page.goto(`${server.ready.webhook}${path}`);
  return { page, complaints };
}

test("/docs lets a person try an endpoint with their key", async () => {
  const { page, complaints } = await visit("/docs");
  await page.getByText("/run-task/{domain}/{project}/{name}").first().waitFor();
  await page.getByRole("button", { name: "Authorize" }).first().click();
  const bearer = page.locator(".auth-container").filter({ hasText: "bearer" });
  await bearer.locator("input").fill(server.ready.keys["alice"] ?? "");
  await bearer.locator("button[type=submit]").click();
  await page.locator(".btn-done").first().click();
  await page.getByText("/me", { exact: true }).first().click();
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await page.getByText('"alice"').first().waitFor();
  expect(complaints).toEqual([]);
});

test("/redoc renders the whole document", async () => {
  const { page, complaints } = await visit("/redoc");
  await page.getByRole("heading", { name: /Flyte Webhook/ }).waitFor();
  await page.getByText("/run/{name}/io").first().waitFor();
  expect(complaints).toEqual([]);
});
