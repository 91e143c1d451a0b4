import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { slack, slackProvider } from "../../src/webhook/hooks/providers/slack.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { callbackSecret } from "../support/callback-receiver.ts";
import { HookWebhooks, type ServedHooks } from "../support/hook-webhook.ts";

const secret = "8f742231b10e8888abcd99yyyzzz85a5";
const responseUrl = "https://hooks.slack.com/commands/T1/2/planted";
let all: HookWebhooks;
let folder: string;

beforeAll(async () => {
  all = await HookWebhooks.start();
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-slack-"));
  // It goes on for longer than the tests do: nothing is ever sent to Slack.
  await all.client().deployScript("ci.long", "sleep 600");
});
afterAll(async () => {
  await all[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function serve(options: Partial<WebhookOptions>, reply = true): Promise<ServedHooks> {
  const hook = slack({
    ...{ secret, reply, runAs: { token: all.robot } },
    start: () => ({ task: "ci.long" }),
  });
  return all.webhook({ endpointGroups: ["core", "ops"], hooks: [hook], ...options });
}

async function command({ url }: ServedHooks, id: string, reply_to = responseUrl) {
  const form = { command: "/train", text: "", trigger_id: id, response_url: reply_to };
  const body = new URLSearchParams(form).toString();
  const headers = slackProvider(secret).sign({
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(body),
    sentAt: new Date(),
  });
  const answer = await fetch(`${url}/hooks/slack`, { method: "POST", headers, body });
  const said = (await answer.json()) as { readonly text: string };
  return { status: answer.status, body: said };
}

async function pending({ url }: ServedHooks): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^flyte_webhook_callbacks_pending (\d+)/m.exec(text)?.[1] ?? 0);
}

test("a command's reply waits in the journal, follows with the hook's credential, and goes on after a restart", async () => {
  const file = join(folder, "callbacks.jsonl");
  const callbacks = {
    ...{ controlPlane: all.controlPlane(all.robot), secret: callbackSecret, file },
    allow: ["ci.example.com"],
  };
  const first = await serve({ callbacks });
  for (const _time of [1, 2]) {
    const { status, body } = await command(first, "1.2");
    expect([status, body.text]).toEqual([200, expect.stringMatching(/^Run \w+ /)]);
  }
  expect(await pending(first)).toBe(1);
  await first.close();
  expect(await readFile(file, "utf8")).toContain(responseUrl);
  const second = await serve({ callbacks });
  expect(await pending(second)).toBe(1);
  await second.close();
  expect([...first.lines, ...second.lines].join("\n")).not.toContain("planted");
  const without = await serve({ callbacks }, false);
  expect(await pending(without)).toBe(0);
  await without.close();
});

test("without callbacks it waits in memory, and nobody is told who is not at Slack", async () => {
  const webhook = await serve({});
  await command(webhook, "2.1", "https://hooks.slack.com.example.com/1");
  await command(webhook, "2.2", "http://127.0.0.1/");
  expect(await pending(webhook)).toBe(0);
  await command(webhook, "2.3");
  expect(await pending(webhook)).toBe(1);
  await webhook.close();
});
