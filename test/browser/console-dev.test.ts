import { resolve } from "node:path";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useConsoleBrowser } from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

/** `npm run console:dev`: the sources, with the services of a devbox that runs. */
const browser = useConsoleBrowser();
const server = useDevServer();
let vite: ViteDevServer;

beforeAll(async () => {
  process.env["DEVBOX"] = server.ready.controlPlane;
  vite = await createServer({
    configFile: resolve(import.meta.dirname, "../../console/vite.config.ts"),
    logLevel: "error",
    server: { port: 0, host: "127.0.0.1" },
  });
  await vite.listen();
});

afterAll(async () => {
  delete process.env["DEVBOX"];
  await vite?.close();
});

test("the sources show the pages of a devbox that runs, its webhook and its version", async () => {
  const [address = ""] = vite.resolvedUrls?.local ?? [];
  const path = "domain/development/project/flytesnacks";
  const { page, complaints } = await browser.open(`${address}${path}/tasks`, {
    key: server.keyOf("alice"),
  });
  await page.getByRole("link", { name: "stats.describe" }).first().waitFor();
  await page
    .getByRole("contentinfo")
    .getByText(/flyte-webhook \d/)
    .waitFor();
  await page.getByRole("link", { name: "Webhook", exact: true }).click();
  await page.getByText("/run-task/{domain}/{project}/{name}").waitFor();
  expect(complaints).toEqual([]);
});
