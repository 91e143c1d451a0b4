import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { auditFile, readRequests } from "../support/audit-log.ts";
import { ControlPlaneFront } from "../support/control-plane-front.ts";
import { createLog } from "../support/log.ts";
import { StartingWebhooks, taskPath } from "../support/starting-webhooks.ts";

let all: StartingWebhooks;

beforeAll(async () => {
  all = await StartingWebhooks.start();
});
afterAll(() => all?.[Symbol.asyncDispose]());

/** A webhook whose control plane holds back the answer to a start. */
async function startHeld(options: Partial<WebhookOptions>) {
  const front = await ControlPlaneFront.to(all.devbox.url);
  onTestFinished(() => front[Symbol.asyncDispose]());
  const { arrived, letGo } = front.hold("CreateRun");
  const scope = { project: "flytesnacks", domain: "development" };
  const controlPlane = createControlPlane({ endpoint: front.url, ...scope, retries: 0 });
  const file = await auditFile();
  const { logger, lines } = createLog();
  const webhook = createWebhook({
    ...{ name: "starting", controlPlane, audit: { file }, logger, ...options },
    ...(options.audit && { audit: { ...options.audit, file } }),
  });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  const send = async (key: string) => {
    const answer = await fetch(`${url}${taskPath}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${all.devbox.keys["alice"]}`,
        "content-type": "application/json",
        "idempotency-key": key,
      },
      body: '{"x":1}',
    });
    const body = (await answer.json()) as { readonly code: string; readonly detail: string };
    return { status: answer.status, body };
  };
  const close = async (): Promise<void> => {
    await webhook.close();
    await controlPlane.close();
  };
  onTestFinished(close);
  return { front, arrived, letGo, send, close, file, log: lines };
}

const notKnown =
  /It is not known whether the run was started.*repeat the request with the same key/;
const settings: readonly Partial<WebhookOptions>[] = [{}, { audit: { durable: true } }];

test.each(settings)(
  "a start that is under way at the end is told as such, and its run is in the audit log: %j",
  async (options) => {
    const held = await startHeld({ ...options, maxConcurrentRequests: 1, drainTimeoutMs: 6_000 });
    const key = `under-way-${options.audit === undefined}`;
    const running = held.send(key);
    await held.arrived;
    const waiting = held.send(`${key}-2`);
    const before = (await all.runs()).length;
    const closed = held.close();
    const answer = await running;
    expect([answer.status, answer.body.code]).toEqual([503, "draining"]);
    expect(answer.body.detail).toMatch(notKnown);
    // What had not begun never does.
    const other = await waiting;
    expect([other.status, other.body.code]).toEqual([503, "draining"]);
    expect(other.body.detail).toMatch(/ No run was started\.$/);
    held.letGo();
    await closed;
    expect(held.front.count("CreateRun")).toBe(1);
    expect(await all.runs()).toHaveLength(before + 1);
    const webhook = await all.webhook({ endpointGroups: ["core", "task"] });
    const again = await webhook.send({ key });
    expect(again).toMatchObject({ status: 200, replayed: true });
    const lines = await readRequests(held.file);
    const found = lines.filter(({ runs }) => runs !== undefined);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      ...{ subject: "alice", status: 503, problem: "draining" },
      runs: [{ run: `development/flytesnacks/${again.body.name}`, new: true }],
    });
    // With durable one line was there before the answer.
    expect(lines).toHaveLength(options.audit === undefined ? 2 : 3);
    expect(held.log.join("\n")).not.toMatch(/ALREADY_SENT|already sent/);
  },
  60_000,
);

test("a start that is never confirmed is in the audit log as not known", async () => {
  const held = await startHeld({ drainTimeoutMs: 600 });
  const running = held.send("never");
  await held.arrived;
  await held.close();
  expect((await running).body.detail).toMatch(notKnown);
  const [line, ...others] = await readRequests(held.file);
  expect(others).toEqual([]);
  expect(line).toMatchObject({ status: 503, problem: "draining", startsUnknown: 1 });
});
