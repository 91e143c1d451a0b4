import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { connect } from "../support/devbox-client.ts";
import { deliver, HookWebhooks } from "../support/hook-webhook.ts";
import { createCaller } from "../support/http.ts";
import { useConsoleBrowser } from "./support/console-browser.ts";
import { useDevServer } from "./support/dev-server.ts";

const browser = useConsoleBrowser();
const server = useDevServer(["--task-allowlist", "flytesnacks/stats.describe"]);

const run = (user: "alice" | "bob", task: string, domain = "development") =>
  createCaller(server.ready.webhook, server.keyOf(user)).post(
    `/run-task/${domain}/flytesnacks/${task}`,
    { values: [1, 2, 3] },
  );

/** What the page has decided: the sentence and what stands around it. */
const decision = (page: Page) => page.getByRole("region", { name: "Decision" });

test("endpoints and allowlists are told, with what would change them", async () => {
  const opened = await browser.open(server.pageUrl("webhook"), { key: server.keyOf("bob") });
  const { page } = opened;
  const enabled = page.getByRole("table", { name: "Enabled" });
  const { webhook } = server.ready;
  const address = page.getByRole("region", { name: "Address of the webhook" });
  await address.getByText(webhook, { exact: true }).waitFor();
  const links = await page.locator('a[target="_blank"]').all();
  expect(
    await Promise.all(
      links.map((link) => link.evaluate((a: HTMLAnchorElement) => [a.href, a.rel])),
    ),
  ).toEqual(
    ["/docs", "/openapi.json", "/docs"].map((path) => [`${webhook}${path}`, "noopener noreferrer"]),
  );
  for (const link of links) {
    const answer = await fetch((await link.getAttribute("href")) ?? "");
    expect(answer.status).toBe(200);
  }
  await page.bringToFront();
  await page.getByRole("button", { name: "Copy the address of the webhook" }).click();
  await page.getByRole("button", { name: "Copied the address of the webhook" }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(webhook);
  await enabled.getByRole("row", { name: /^run_task POST \/run-task\/\{domain\}/ }).waitFor();
  expect(await enabled.getByText("rerun_run").count()).toBe(0);
  await page.getByText("--endpoint-group all inspect live").waitFor();
  await opened.expectClean();

  await page.getByRole("tab", { name: "Allowlists" }).click();
  expect(new URL(page.url()).search).toBe("?tab=allowlists");
  const tasks = page.getByRole("region", { name: "Allowlist of tasks" });
  await tasks.getByText("1 allowed").waitFor();
  await tasks.getByText("flytesnacks/stats.describe").waitFor();
  const triggers = page.getByRole("region", { name: "Allowlist of triggers" });
  await triggers.getByText("Everything is allowed").waitFor();
  await opened.expectClean();
});

test("who may do what is decided by the webhook's own rules, for any key", async () => {
  const opened = await browser.open(server.pageUrl("webhook?tab=decision"), {
    key: server.keyOf("alice"),
    theme: "dark",
    width: 390,
  });
  const { page } = opened;
  await page.getByLabel("Task").fill("stats.describe");
  await page.getByRole("button", { name: "Ask" }).click();
  await decision(page).getByText("You may use run_task for").waitFor();
  await decision(page).getByText("Decided by the allowlist of tasks (taskAllowlist)").waitFor();
  await opened.expectClean();

  await page.getByLabel("Task").fill("text.join");
  await page.getByRole("button", { name: "Ask" }).click();
  await decision(page).getByText("You may not use run_task for").waitFor();
  await decision(page).getByRole("listitem").filter({ hasText: "refused" }).first().waitFor();
  await opened.expectClean();

  // The address holds the question: whoever opens it gets the answer for themselves.
  await page.reload();
  await decision(page).getByText("You may not use run_task for").waitFor();

  await page.getByLabel("Endpoint").selectOption("inspect_audit");
  await page.getByRole("button", { name: "Ask" }).click();
  await decision(page).getByText("You may use inspect_audit").waitFor();
  await page.getByLabel("the owner of another API key").check();
  await page.getByLabel("Their API key").fill(server.keyOf("bob"));
  await page.getByRole("button", { name: "Ask" }).click();
  await decision(page).getByText("bob may not use inspect_audit").waitFor();
  await decision(page)
    .getByText(/Decided by .*\(inspectors\)/)
    .waitFor();
  expect(page.url()).not.toContain(server.keyOf("bob"));
  expect(await page.getByLabel("Their API key").inputValue()).toBe("");
  await page.getByLabel("Their API key").fill("nobodys-key");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.getByText("does not know the key").waitFor();
  await page.getByText("Alice Admin").first().waitFor();
});

test("who may read in production, but not run, is told so", async () => {
  const { controlPlane, keys } = server.ready;
  const alice = connect({ url: controlPlane, keys }, "alice");
  await alice.deployScript("stats.describe", "true", { domain: "production" });
  const question = "webhook?tab=decision&endpoint=run_task&name=stats.describe";
  const opened = await browser.open(
    server.pageUrl(`${question}&project=flytesnacks&domain=production`),
    { key: server.keyOf("alice") },
  );
  const { page } = opened;
  await decision(page).getByText("You may use run_task for").waitFor();
  const passed = decision(page).getByRole("listitem").filter({ hasText: "passed" });
  await passed.filter({ hasText: "May run in flytesnacks/production, where" }).waitFor();
  await page.getByLabel("the owner of another API key").check();
  await page.getByLabel("Their API key").fill(server.keyOf("bob"));
  await page.getByRole("button", { name: "Ask" }).click();
  await decision(page).getByText("bob may not use run_task for").waitFor();
  await decision(page).getByText("bob may not run tasks in").first().waitFor();
  await decision(page).getByText("Decided by").getByText("controlPlane").waitFor();
  await opened.expectClean();
});

test("audit lines lead to their runs, and are for inspectors alone", async () => {
  const started = await run("bob", "stats.describe");
  await run("bob", "text.join");
  // A page of the log is shorter than that.
  const bobs = createCaller(server.ready.webhook, server.keyOf("bob"));
  await Promise.all(Array.from({ length: 60 }, () => bobs.get("/me")));
  const opened = await browser.open(server.pageUrl("webhook?tab=audit"), {
    key: server.keyOf("alice"),
  });
  const { page } = opened;
  const log = page.getByRole("table", { name: "Audit log" });
  const line = log.getByRole("row").filter({ hasText: started.body.name });
  await page.getByRole("button", { name: "Load more" }).click();
  await line.filter({ hasText: "bob" }).filter({ hasText: "allowed" }).waitFor();
  await log.getByRole("row").filter({ hasText: "text.join" }).getByText("denied").waitFor();
  await opened.expectClean();
  await page.getByLabel("Filter the lines").fill("bob denied");
  await line.waitFor({ state: "detached" });
  await page
    .getByRole("button", { name: /^Details of line/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText('"rule": "taskAllowlist"').waitFor();
  await opened.expectClean();
  await page.keyboard.press("Escape");
  await page.getByLabel("Filter the lines").fill(started.body.name);
  await line.getByRole("link", { name: started.body.name }).click();
  expect(new URL(page.url()).pathname).toBe(new URL(started.body.url).pathname);

  const bob = await browser.open(server.pageUrl("webhook?tab=audit"), {
    key: server.keyOf("bob"),
    theme: "dark",
    width: 390,
  });
  await bob.page.getByRole("heading", { name: "You may not see the audit log" }).waitFor();
  await bob.page.getByText("--inspectors bob").waitFor();
  await bob.expectClean();
});

test("deliveries are told, and given to their hook again", async () => {
  let webhookUrl: string | undefined;
  await using hooks = await HookWebhooks.start({ webhookUrl: () => webhookUrl });
  const root = `${hooks.devbox.url}/v2/domain/development/project/flytesnacks/webhook`;
  const alice = { key: hooks.devbox.keys["alice"] };
  // What is not known is not told, and missed nowhere.
  const lone = await browser.open(root.replace(/webhook$/, "tasks/ci.build"), {
    ...alice,
  });
  await lone.page.getByText("curl -X POST http://127.0.0.1:8080/run-task/").waitFor();
  await lone.expectClean();
  expect(await lone.page.getByRole("link", { name: "Docs of the webhook" }).count()).toBe(0);
  const none = await browser.open(root, alice);
  await none.page.getByRole("heading", { name: "This devbox knows of no webhook" }).waitFor();
  await none.expectClean();

  const webhook = await hooks.webhook({
    endpointGroups: ["core", "run", "inspect"],
    inspectors: ["alice"],
    hooks: [hooks.hook({ keepPayloads: true, events: ["push"] })],
  });
  webhookUrl = webhook.url;
  const opened = await browser.open(`${root}?tab=deliveries`, alice);
  const { page } = opened;
  await page.getByRole("heading", { name: "Nothing has come yet" }).waitFor();
  await opened.expectClean();
  const first = await deliver(webhook, { id: "d-1", payload: { sha: "abc", "<b>": "\u202e" } });
  await deliver(webhook, { id: "d-2", secret: "another-secret-of-them" });
  await page.getByRole("button", { name: "Refresh" }).click();
  const table = page.getByRole("table", { name: "Deliveries" });
  const row = table.getByRole("row").filter({ hasText: "Started a run" });
  await row.getByRole("link", { name: first.body.run.name }).waitFor();
  await table.getByText("Signature not accepted").waitFor();
  await opened.expectClean();

  await row.getByRole("button", { name: "Details of d-1" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText('"<b>": "[U+202E]"').waitFor();
  await opened.expectClean();
  await dialog.getByRole("button", { name: "Replay" }).click();
  await dialog.getByRole("button", { name: "Replay" }).click();
  await dialog.getByText("Had started a run already").waitFor();
  await dialog.getByRole("link", { name: first.body.run.name }).waitFor();
  await page.setViewportSize({ width: 390, height: 900 });
  await page.emulateMedia({ colorScheme: "dark" });
  await opened.expectClean();
  await dialog.getByLabel("as a new delivery").check();
  await dialog.getByRole("button", { name: "Replay once more" }).click();
  await dialog.getByText("Started a run").waitFor();
  const link = dialog.getByRole("link");
  const name = (await link.textContent()) ?? "";
  expect(name).not.toBe(first.body.run.name);
  await page.keyboard.press("Escape");
  await table.getByRole("link", { name }).first().waitFor();
  await opened.expectClean();
  await table.getByRole("link", { name }).first().click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  await opened.expectClean();
});
