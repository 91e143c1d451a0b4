import { appendFile, mkdir, readFile, rename } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readChainedLine } from "../../src/webhook/audit/chained-line.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { auditFile } from "../support/audit-log.ts";
import { HookWebhooks, type ServedHooks } from "../support/hook-webhook.ts";
import { createCaller } from "../support/http.ts";

let all: HookWebhooks;

beforeAll(async () => {
  all = await HookWebhooks.start();
});
afterAll(() => all?.[Symbol.asyncDispose]());

const serve = (options: Partial<WebhookOptions>): Promise<ServedHooks> =>
  all.webhook({
    endpointGroups: ["core", "inspect"],
    inspectors: ["alice"],
    hooks: [],
    ...options,
  });

const alice = (webhook: ServedHooks) => createCaller(webhook.url, all.devbox.keys["alice"]);

/** The lines as they stand in the file, the newest first. */
async function linesIn(file: string): Promise<readonly unknown[]> {
  const whole = (await readFile(file, "utf8")).split("\n").slice(0, -1);
  return whole
    .filter((line) => readChainedLine(Buffer.from(line)) !== undefined)
    .map((line) => JSON.parse(line))
    .reverse();
}

test("pages of the log are the lines as they were written, the newest first", async () => {
  const file = await auditFile();
  const webhook = await serve({ audit: { file } });
  for (let count = 0; count < 12; count += 1) await alice(webhook).get("/me");
  await expect.poll(async () => (await linesIn(file)).length).toBe(13);
  const found: unknown[] = [];
  const expected = await linesIn(file);
  let query = "";
  for (;;) {
    const { status, body } = await alice(webhook).get(`/inspect/audit?limit=5${query}`);
    expect(status).toBe(200);
    found.push(...body.lines);
    if (body.next === null) break;
    query = `&before=${body.next}`;
    // Others ask meanwhile, and the pages themselves are lines.
    await alice(webhook).get("/me");
  }
  // What was written since the first page comes before it.
  expect(found.slice(-13)).toEqual(expected);
  expect(found[found.length - 1]).toMatchObject({ seq: 1, event: "start" });
  expect(found[found.length - 2]).toMatchObject({
    subject: "alice",
    endpoint: "me",
    status: 200,
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("what is no line of the log is passed over, and a log that was moved away begins anew", async () => {
  const file = await auditFile();
  const webhook = await serve({ audit: { file } });
  await alice(webhook).get("/me");
  await expect.poll(async () => (await linesIn(file)).length).toBe(2);
  await appendFile(file, '{"time":"of another program"}\nno JSON at all\n{"time":"torn');
  const { body } = await alice(webhook).get("/inspect/audit");
  expect(body.lines.map(({ seq }: { readonly seq: number }) => seq)).toEqual([2, 1]);
  expect(body.next).toBeNull();
  await rename(file, `${file}.1`);
  const moved = await alice(webhook).get("/inspect/audit");
  expect(moved.status).toBe(200);
  await expect.poll(async () => (await linesIn(file).catch(() => [])).length).toBeGreaterThan(0);
  const first = (await alice(webhook).get("/inspect/audit")).body.lines.at(-1);
  expect(first.seq).toBeGreaterThan(2);
});

test("without a file there is no log to read", async () => {
  const webhook = await serve({});
  const { status, body } = await alice(webhook).get("/inspect/audit");
  expect([status, body.code]).toEqual([404, "no_audit_log"]);
  expect((await alice(webhook).get("/inspect")).body.audit).toBe(false);
});

test("limit and before are checked, and a place beyond the end is the end", async () => {
  const file = await auditFile();
  const webhook = await serve({ audit: { file } });
  const ask = async (query: string) => (await alice(webhook).get(`/inspect/audit?${query}`)).status;
  expect(await ask("limit=0")).toBe(400);
  expect(await ask("limit=201")).toBe(400);
  expect(await ask("limit=ten")).toBe(422);
  expect(await ask("before=0")).toBe(422);
  expect(await ask("before=99999999999999999999")).toBe(422);
  const { body } = await alice(webhook).get("/inspect/audit?before=9007199254740991&limit=1");
  expect(body.lines).toHaveLength(1);
  expect((await alice(webhook).get("/inspect/audit?before=1")).body).toEqual({
    lines: [],
    next: null,
  });
});

test("a file that cannot be read is told, without its name", async () => {
  const file = await auditFile();
  const webhook = await serve({ audit: { file } });
  await alice(webhook).get("/me");
  await rename(file, `${file}.1`);
  await mkdir(file);
  const { status, body } = await alice(webhook).get("/inspect/audit");
  expect([status, body.code]).toEqual([503, "audit_unavailable"]);
  expect(JSON.stringify(body)).not.toContain(file);
});
