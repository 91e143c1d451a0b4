import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { verifyLog } from "../../src/webhook/audit/verify-log.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { type AuditLine, auditFile, readRequests } from "../support/audit-log.ts";
import { ControlPlaneFront } from "../support/control-plane-front.ts";
import { fromSource, ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { runCommand } from "../support/run-command.ts";
import { StartingWebhooks, taskPath } from "../support/starting-webhooks.ts";
import { startTestWebhook } from "../support/webhook.ts";

const root = resolve(import.meta.dirname, "../..");
const command = fromSource;
let all: StartingWebhooks;

beforeAll(async () => {
  all = await StartingWebhooks.start();
  await all.deploy("once.other", {});
});
afterAll(() => all?.[Symbol.asyncDispose]());

async function linesOf(
  options: Partial<WebhookOptions>,
  act: (webhook: Awaited<ReturnType<StartingWebhooks["webhook"]>>) => Promise<void>,
): Promise<{ readonly file: string; readonly lines: readonly AuditLine[] }> {
  const file = await auditFile();
  const webhook = await all.webhook({ ...options, audit: { file } });
  await act(webhook);
  await webhook.close();
  return { file, lines: await readRequests(file) };
}

test("who started a run is one line, and one command", async () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  let run = "";
  const { file, lines } = await linesOf({ taskAllowlist: ["once.count"] }, async (webhook) => {
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01`, "x-request-id": "night-job" };
    const { status, body } = await webhook.send({ headers });
    expect(status).toBe(200);
    run = body.name;
    await webhook.send({ user: "bob", path: "/run-task/development/flytesnacks/once.other" });
  });
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({
    requestId: "night-job",
    traceId: trace,
    subject: "alice",
    endpoint: "run_task",
    target: "task development/flytesnacks/once.count",
    decision: "allowed",
    rule: "taskAllowlist",
    actsAs: "caller",
    runs: [{ run: `development/flytesnacks/${run}`, new: true }],
    status: 200,
  });
  expect(lines[1]).toMatchObject({ subject: "bob", decision: "denied", rule: "taskAllowlist" });
  const show = (...args: readonly string[]) =>
    runCommand(["audit", "show", file, ...args], { command, cwd: root });
  const [text, json, none] = await Promise.all([
    show("--run", run),
    show("--subject", "bob", "--json"),
    show("--run", "another", "--since", "1h"),
  ]);
  expect(text.code).toBe(0);
  const rows = text.stdout.trim().split("\n");
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatch(/^TIME +WHO +CREDENTIAL +WHAT +TARGET +DECISION +STATUS +RUN +REQUEST$/);
  expect(rows[1]).toMatch(/ alice .* run_task .* allowed by taskAllowlist .* night-job$/);
  expect(JSON.parse(json.stdout)).toEqual([lines[1]]);
  expect(none.stdout.trim().split("\n")).toHaveLength(1);
});

test("a repetition of a start says that the run was there", async () => {
  const { lines } = await linesOf({}, async (webhook) => {
    await webhook.send({ key: "once" });
    await webhook.send({ key: "once" });
  });
  expect(lines.map(({ runs }) => runs[0].new)).toEqual([true, false]);
  expect(lines[0]?.["runs"][0].run).toBe(lines[1]?.["runs"][0].run);
});

test("a credential that the control plane does not know acted as nobody", async () => {
  const { lines } = await linesOf({}, async ({ url }) => {
    await createCaller(url, "fwk_unknown").post(taskPath, { x: 1 });
  });
  expect(lines).toMatchObject([
    { decision: "denied", rule: "controlPlane", status: 401, subjectUnknown: "notAccepted" },
  ]);
});

test("a run that was started for a caller who had gone is in its line", async () => {
  const file = await auditFile();
  await using front = await ControlPlaneFront.to(all.devbox.url);
  const scope = { project: "flytesnacks", domain: "development" };
  await using controlPlane = createControlPlane({ endpoint: front.url, ...scope, retries: 0 });
  const webhook = createWebhook({ name: "audited", controlPlane, audit: { file } });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  const { arrived, letGo } = front.hold("CreateRun");
  const leave = new AbortController();
  const asked = fetch(`${url}${taskPath}`, {
    method: "POST",
    signal: leave.signal,
    headers: {
      authorization: `Bearer ${all.devbox.keys["alice"]}`,
      "content-type": "application/json",
    },
    body: '{"x":1}',
  });
  await arrived;
  leave.abort();
  await expect(asked).rejects.toThrow();
  const closed = webhook.close();
  letGo();
  await closed;
  const lines = await readRequests(file);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ status: 499, aborted: true, subject: "alice" });
  const started = lines[0]?.["runs"].map(({ run }: { run: string }) => run.split("/").at(-1));
  const names = (await all.runs()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(started));
  expect(started).toHaveLength(1);
});

test("an answer of an app, whole or cut, is one line", async () => {
  const file = await auditFile();
  {
    await using webhook = await startTestWebhook({ audit: { file } });
    const header = ["authorization: Bearer key-of-ada", "content-type: application/json"];
    const line = "POST /app/my-app/call";
    await sendRaw(webhook.url, rawRequest(line, header, '{"path":"/predict"}'));
    await sendRaw(webhook.url, rawRequest(line, header, '{"path":"/absent"}'));
  }
  const lines = await readRequests(file);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({
    endpoint: "call_app",
    target: "app development/flytesnacks/my-app",
  });
});

describe("a webhook that is killed", () => {
  test("leaves a log that is gone on with, and says what was acknowledged with durable", async () => {
    const file = await auditFile();
    const args = [
      ...[
        "serve",
        "--endpoint",
        all.devbox.url,
        "--insecure",
        "-p",
        "flytesnacks",
        "-d",
        "development",
      ],
      ...["--port", "0", "--audit-file", file, "--audit-durable", "--log-level", "silent"],
    ];
    const key = "k".repeat(40);
    const env = { FLYTE_WEBHOOK_AUDIT_KEY: key };
    const acknowledged: string[] = [];
    {
      await using server = await ServerProcess.start(args, { env });
      const caller = createCaller(server.ready.webhook, all.devbox.keys["alice"]);
      const send = async (): Promise<void> => {
        // Until one has seen enough; the others are in the middle of theirs.
        while (acknowledged.length < 20) {
          const answer = await caller.post(taskPath, { x: 1 }).catch(() => undefined);
          if (answer === undefined) return;
          acknowledged.push(answer.headers.get("x-request-id") ?? "");
        }
      };
      const senders = [send(), send(), send(), send()];
      await Promise.race(senders);
      await server.stop("SIGKILL");
      await Promise.all(senders);
    }
    expect(await verifyLog([file], { key })).toMatchObject({ broken: undefined, starts: 1 });
    const next = await all.webhook({ audit: { file, key } });
    await next.close();
    expect(await verifyLog([file], { key })).toMatchObject({ broken: undefined, starts: 2 });
    const known = new Set((await readRequests(file, key)).map(({ requestId }) => requestId));
    expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
    const verify = (...more: readonly string[]) =>
      runCommand(["audit", "verify", file, ...more], { command, cwd: root, env });
    const good = await verify("--key-env", "FLYTE_WEBHOOK_AUDIT_KEY");
    expect(good).toMatchObject({ code: 0, stderr: "" });
    expect(good.stdout).toMatch(/^whole +\d+ lines$/m);
    expect((await verify()).stderr).toContain("--key-env");
  });
});

describe("the page", () => {
  const page = join(root, "docs/audit.md");

  test("has a line as they are, and names each member", async () => {
    const text = await readFile(page, "utf8");
    const [, example = ""] = /```json\n(.*?)```/s.exec(text) ?? [];
    const { lines } = await linesOf({ taskAllowlist: ["once.count"] }, async (webhook) => {
      await webhook.send();
    });
    expect(Object.keys(JSON.parse(example))).toEqual(Object.keys(lines[0] ?? {}));
    for (const member of Object.keys(lines[0] ?? {})) expect(text).toContain(`\`${member}\``);
  });

  test("has commands that work as they stand, and fail on a log that was changed", async () => {
    const text = await readFile(page, "utf8");
    const { file } = await linesOf({}, async (webhook) => {
      await webhook.send();
    });
    const commands = [...text.matchAll(/^flyte-webhook (audit .*)$/gm)].map(
      ([, line = ""]) => line,
    );
    expect(commands.length).toBeGreaterThan(5);
    const ended = commands.map(async (line) => {
      // The one file that there is stands for all of a log that was rotated.
      const words = line.split(" ").filter((word) => !word.startsWith("audit.log."));
      const args = words.map((word) => (word === "audit.log" ? file : word));
      return { line, ...(await runCommand(args, { command, cwd: root })) };
    });
    for (const one of await Promise.all(ended)) expect(one).toMatchObject({ code: 0, stderr: "" });
    const changed = await runCommand(["audit", "verify", page, "--json"], { command, cwd: root });
    expect(changed.code).toBe(1);
    expect(JSON.parse(changed.stdout)).toMatchObject({ whole: false, broken: { line: 1 } });
  });
});
