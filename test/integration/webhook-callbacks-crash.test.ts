import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openCallbacks } from "../../src/cli/callbacks.ts";
import { NoticeJournal } from "../../src/webhook/callbacks/notice-journal.ts";
import { CallbackReceiver, callbackSecret } from "../support/callback-receiver.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { connect } from "../support/devbox-client.ts";
import { createCaller } from "../support/http.ts";
import { StartingWebhooks } from "../support/starting-webhooks.ts";

let all: StartingWebhooks;
let folder: string;

beforeAll(async () => {
  all = await StartingWebhooks.start();
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-callbacks-"));
  const script = `while [ ! -e '${folder}/go' ]; do sleep 0.02; done`;
  await connect(all.devbox, "alice").deployScript("end.later", script);
});

afterAll(async () => {
  await all[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function serve(receiver: CallbackReceiver): Promise<ServerProcess> {
  const key = all.devbox.keys["alice"] ?? "";
  const args = [
    ...["serve", "--endpoint", all.front.url, "-p", "flytesnacks", "-d", "development"],
    ...["--port", "0", "--endpoint-group", "task"],
    ...["--callback-allow", receiver.origin, "--callback-allow-private", "127.0.0.1"],
    ...["--callback-file", join(folder, "callbacks.jsonl")],
  ];
  const env = {
    FLYTE_WEBHOOK_CALLBACK_SECRET: callbackSecret,
    FLYTE_WEBHOOK_CALLBACK_API_KEY: key,
  };
  return ServerProcess.start(args, { env });
}

const task = "/run-task/development/flytesnacks/end.later?callback_url=";

test("a process that is killed between start and end loses no callback", async () => {
  await using receiver = await CallbackReceiver.start();
  const first = await serve(receiver);
  onTestFinished(() => first[Symbol.asyncDispose]());
  const caller = createCaller(first.ready.webhook, all.devbox.keys["alice"]);
  const started = await Promise.all(
    ["a", "b", "c"].map((place) =>
      caller.post(`${task}${encodeURIComponent(`${receiver.origin}/${place}?t=planted`)}`, {}),
    ),
  );
  const ids = started.map(({ body }) => body.callback.id);
  // One whose run is created while its answer, and whatever the webhook would have noted then, is lost.
  const held = { opened: new Promise<void>(() => undefined) };
  all.front.decide((method) => (method === "CreateRun" ? held : "through"));
  void caller
    .post(`${task}${encodeURIComponent(`${receiver.origin}/lost`)}`, {})
    .catch(() => undefined);
  for (;;) if ((await all.runs()).length === 4) break;
  await first.stop("SIGKILL");
  all.front.decide(() => "through");

  const second = await serve(receiver);
  onTestFinished(() => second[Symbol.asyncDispose]());
  await writeFile(join(folder, "go"), "");
  const told = await receiver.reach(4);
  await second.stop();
  expect(receiver.received).toHaveLength(4);
  expect(receiver.forged).toEqual([]);
  expect(told.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  expect(told.map(({ path }) => path)).toContain("/lost");
  expect(first.stderr + second.stderr).not.toContain("planted");

  const journal = await NoticeJournal.open(join(folder, "callbacks.jsonl"));
  expect([...journal.state.kept]).toEqual([]);
  expect([...journal.state.told.keys()].sort()).toEqual(told.map(({ id }) => id).sort());
  await journal.close();
}, 60_000);

test("the command says what callbacks need", async () => {
  const { controlPlane } = all;
  const allow = { callbackAllow: ["ci.example.com"] };
  const both = { ...allow, callbackFile: join(folder, "other") };
  await expect(openCallbacks(controlPlane, allow, {})).rejects.toThrow(/--callback-file/);
  await expect(openCallbacks(controlPlane, both, {})).rejects.toThrow(/CALLBACK_SECRET/);
  const env = { FLYTE_WEBHOOK_CALLBACK_SECRET: "one, two" };
  await expect(openCallbacks(controlPlane, both, env)).rejects.toThrow(/CALLBACK_API_KEY/);
  const given = { ...env, FLYTE_WEBHOOK_CALLBACK_API_KEY: all.devbox.keys["alice"] };
  await using callbacks = await openCallbacks(controlPlane, both, given);
  expect(callbacks.options.callbacks).toMatchObject({
    ...{ allow: allow.callbackAllow, secret: ["one", "two"], outputs: false },
    file: both.callbackFile,
  });
  await using none = await openCallbacks(controlPlane, {}, {});
  expect(none.options).toEqual({});
});
