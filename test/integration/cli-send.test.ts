import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { exitCodeOfStatus } from "../../src/cli/deliveries/post-delivery.ts";
import { sampleSources } from "../../src/cli/deliveries/sample-sources.ts";
import { type SendOptions, sendDelivery } from "../../src/cli/deliveries/send-delivery.ts";
import { cloudEvents } from "../../src/webhook/hooks/providers/cloud-events.ts";
import { github } from "../../src/webhook/hooks/providers/github.ts";
import { gitlab } from "../../src/webhook/hooks/providers/gitlab.ts";
import { hmac } from "../../src/webhook/hooks/providers/hmac.ts";
import { slack } from "../../src/webhook/hooks/providers/slack.ts";
import { standardWebhooks } from "../../src/webhook/hooks/providers/standard-webhooks.ts";
import { stripe } from "../../src/webhook/hooks/providers/stripe.ts";
import { replayDelivery } from "../../src/webhook/hooks/replay-delivery.ts";
import { bundleCommand } from "../support/bundled-command.ts";
import { expectRefused } from "../support/command-devbox.ts";
import { HookWebhooks, type ServedHooks } from "../support/hook-webhook.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";
import { unusedPort } from "../support/unused-port.ts";

const secret = "a-secret-of-the-tests-of-send";
const signingSecret = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
const ownScheme = {
  header: "x-own-signature",
  algorithm: "sha512",
  encoding: "base64",
  prefix: "v1=",
  timestampHeader: "x-own-time",
  idHeader: "x-own-id",
  signed: "{id}:{timestamp}:{body}",
} as const;
const ownOptions = {
  signatureHeader: "X-Own-Signature",
  algorithm: "sha512",
  encoding: "base64",
  prefix: "v1=",
  timestampHeader: "X-Own-Time",
  idHeader: "X-Own-Id",
  signed: "{id}:{timestamp}:{body}",
} as const;

let folder: string;
let command: readonly string[];
let all: HookWebhooks;
let webhook: ServedHooks;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-send-"));
  command = await bundleCommand(join(folder, "package"));
  all = await HookWebhooks.start();
  const hook = {
    runAs: { token: all.robot },
    start: ({ type }: { readonly type: string }) => ({
      task: "ci.build",
      inputs: { commit: type },
    }),
  };
  webhook = await all.webhook({
    hooks: [
      github({ ...hook, secret }),
      gitlab({ ...hook, secret: { token: secret, signing: signingSecret } }),
      slack({ ...hook, secret }),
      stripe({ ...hook, secret }),
      standardWebhooks({ ...hook, secret: signingSecret }),
      cloudEvents({ ...hook, token: secret, origins: ["localhost"] }),
      cloudEvents({
        ...hook,
        name: "signed-events",
        hmac: { ...ownScheme, secret, signed: "{timestamp}{body}" },
      }),
      hmac({ ...hook, ...ownScheme, secret, typePointer: "/type" }),
    ],
  });
});

afterAll(async () => {
  await all?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

interface Given {
  readonly hook?: string;
  readonly secret?: string;
}

type Options = Omit<SendOptions, "to">;

/** Sends in this process, where many are tried. */
async function send(
  provider: string,
  event: string | undefined,
  options: Options = {},
  { hook = provider, secret: key = secret }: Given = {},
) {
  const env = { FLYTE_WEBHOOK_HOOK_SECRET: key };
  const to = `${webhook.url}/hooks/${hook}`;
  const { answer, ...sent } = await sendDelivery(provider, event, { to, ...options }, env);
  const { status, text: said } = answer;
  return { ...sent, status, body: said.startsWith("{") ? JSON.parse(said) : said };
}

/** Sends as users do. */
function flyteSend(
  line: readonly string[],
  given: Given & { readonly stdin?: string } = {},
): Promise<CommandResult> {
  const { hook = line[0] ?? "", secret: key = secret, stdin = "" } = given;
  const args = ["send", ...line, "--to", `${webhook.url}/hooks/${hook}`];
  return runCommand(args, { command, cwd: folder, env: { FLYTE_WEBHOOK_HOOK_SECRET: key }, stdin });
}

test.each<[provider: string, event: string, options?: Options, given?: Given]>([
  ["github", "push"],
  ["github", "pull_request.closed"],
  ["github", "workflow_run"],
  ["gitlab", "tag_push"],
  ["gitlab", "merge_request.merge", {}, { secret: signingSecret }],
  ["stripe", "checkout.session.completed"],
  ["standard-webhooks", "user.created", {}, { secret: signingSecret }],
  ["cloudevents", "com.example.object.created"],
  [
    "cloudevents",
    "a.b",
    { ...ownOptions, signed: "{timestamp}{body}", header: ["x-own-id: e-1"] },
    { hook: "signed-events" },
  ],
  ["hmac", "invoice.due", ownOptions],
])("sends %s %s, which starts a run", async (provider, event, options, given) => {
  const sent = await send(provider, event, options, given);
  expect(sent).toMatchObject({ provider, id: expect.any(String), fault: undefined, status: 202 });
  expect(sent.event).toMatch(new RegExp(`^${event}`));
  expect(sent.body).toMatchObject({ status: "started", event: sent.event, delivery: sent.id });
});

test("every event that is named has a payload that its provider takes", async () => {
  for (const [provider, source] of Object.entries(sampleSources)) {
    const key = provider === "standard-webhooks" ? signingSecret : secret;
    const options = provider === "hmac" ? ownOptions : {};
    for (const event of source.events) {
      const sent = await send(provider, event, options, { secret: key });
      expect(sent, `${provider} ${event}`).toMatchObject({ fault: undefined });
      expect([200, 202]).toContain(sent.status);
    }
  }
});

test("sends a slash command of Slack's and shows what its user sees", async () => {
  expect(await send("slack", "command.train")).toMatchObject({
    event: "command.train",
    status: 200,
    body: { response_type: "ephemeral", text: expect.stringMatching(/^Run \S+ was started: http/) },
  });
});

test.each([
  ["github", "ping", {}, { pong: true }],
  ["slack", "url_verification", { id: "word" }, { challenge: "word" }],
  ["cloudevents", "handshake", {}, ""],
])("sends %s %s, which is answered", async (provider, event, options, body) => {
  expect(await send(provider, event, options)).toMatchObject({
    event,
    id: null,
    status: 200,
    body,
  });
});

test("the same id starts one run, whether sent or replayed", async () => {
  const file = join(folder, "push.json");
  const first = await send("github", "push", { id: "once-1", save: file });
  const again = await send("github", undefined, { replay: file });
  expect(again.body).toMatchObject({ status: "duplicate", run: first.body.run });
  const other = await send("github", undefined, { replay: file, id: "once-2" });
  expect(other.body).toMatchObject({ status: "started", delivery: "once-2" });

  expect(((await stat(file)).mode & 0o777).toString(8)).toBe("600");
  const saved = await readFile(file, "utf8");
  expect(saved).not.toContain(secret);
  expect(saved).not.toContain("signature");
  const hook = github({
    secret,
    runAs: { token: "none" },
    start: (event) =>
      event.type === "push" ? { task: "t", inputs: { commit: event.payload.after } } : undefined,
  });
  const { decision } = await replayDelivery(hook, JSON.parse(saved));
  expect(decision).toMatchObject({ inputs: { commit: expect.stringMatching(/^[0-9a-f]{40}$/) } });
});

test("shows status and answer as text, and fails as scripts expect it", async () => {
  const [taken, wrong] = await Promise.all([
    flyteSend(["github", "push"]),
    flyteSend(["github", "push"], { secret: "another-secret-of-sixteen" }),
  ]);
  expect(taken).toMatchObject({ code: 0, stderr: "" });
  expect(taken.stdout).toMatch(/^sent +github push\nid +\S+\nstatus +202\n\{/);
  expect(wrong).toMatchObject({ code: 4, stderr: "" });
  expect(wrong.stdout).toMatch(/^status +401$/m);
  expect(wrong.stdout).not.toContain("another-secret");
});

test("sends a payload of standard input, by an option for each part of a scheme", async () => {
  const line = [
    ...["--signature-header", "X-Own-Signature", "--algorithm", "sha512", "--encoding", "base64"],
    ...["--prefix", "v1=", "--timestamp-header", "X-Own-Time", "--id-header", "X-Own-Id"],
    ...["--signed", "{id}:{timestamp}:{body}", "--payload", "-", "--json"],
  ];
  const sent = await flyteSend(["hmac", "mine", ...line], { stdin: '{"type":"of.mine"}' });
  expect(sent).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(sent.stdout)).toMatchObject({ status: 202, body: { event: "of.mine" } });
});

test("takes the secret from a file, less its last line break", async () => {
  const file = join(folder, "secret.txt");
  await writeFile(file, `${secret}\n`);
  expect(await send("github", "push", { secretFile: file }, { secret: "" })).toMatchObject({
    status: 202,
  });
});

test("what it cannot reach is told apart, by its exit code too", async () => {
  const to = `http://127.0.0.1:${await unusedPort()}/hooks/github`;
  const given = { command, cwd: folder, env: { FLYTE_WEBHOOK_HOOK_SECRET: secret } };
  const refused = await runCommand(["send", "github", "push", "--to", to], given);
  expectRefused(refused, 5, /cannot be reached \(ECONNREFUSED\)/);
});

test("follows no redirect, and sends what it shows", async () => {
  const asked: { readonly request: IncomingMessage; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    asked.push({ request, body: await text(request) });
    response.writeHead(302, { location: "/elsewhere" }).end("<b>moved</b>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const options = { to: `http://127.0.0.1:${port}/a?b=c`, header: ["X-Extra: more"] };
  const env = { FLYTE_WEBHOOK_HOOK_SECRET: secret };
  const { answer } = await sendDelivery("github", "push", options, env);
  expect(answer).toMatchObject({ status: 302, text: "<b>moved</b>" });
  expect(asked).toHaveLength(1);
  const [{ request, body } = {}] = asked;
  expect(request?.url).toBe("/a?b=c");
  expect(request?.headers).toMatchObject({ "x-extra": "more", "x-github-event": "push" });
  expect(JSON.parse(body ?? "")).toMatchObject({ ref: "refs/heads/main" });
});

test.each([
  [200, 0],
  [202, 0],
  [302, 2],
  [400, 2],
  [401, 4],
  [403, 4],
  [404, 3],
  [405, 3],
  [413, 2],
  [429, 5],
  [500, 5],
  [503, 5],
])("status %i is exit code %i", (status, code) => {
  expect(exitCodeOfStatus(status)).toBe(code);
});

test.each<[provider: string, event: string | undefined, options: Options, says: RegExp]>([
  ["githup", "push", {}, /There is no provider "githup"\. Did you mean github\?/],
  ["toString", "push", {}, /There is no provider "toString"/],
  ["github", undefined, {}, /Say which event to send\. For github there are ping, push,/],
  ["github", "pushed", {}, /There is no payload for the event "pushed"/],
  ["github", "constructor", {}, /There is no payload for the event "constructor"/],
  ["slack", "train", {}, /command\.train/],
  ["github", "push", { secretEnv: "NOT_SET" }, /variable NOT_SET has no secret/],
  ["github", "push", { secretFile: "/none" }, /none: the file cannot be read \(ENOENT\)/],
  ["github", "push", { secretEnv: "A", secretFile: "b" }, /not both/],
  ["github", "push", { header: ["no header"] }, /Write --header 'name: value'/],
  ["github", "push", { header: ["a: b\r\nc: d"] }, /Write --header 'name: value'/],
  ["github", "push", { replay: "f" }, /give no event/],
  ["github", undefined, { replay: "/none" }, /--replay \/none: the file cannot be read/],
  ["github", "push", { save: "/no/such/folder" }, /the file cannot be written \(ENOENT\)/],
  ["hmac", "a", { signed: "{url}" }, /Hook "hmac": signed is "\{url\}"/],
  ["github", "push", { to: "localhost" } as Options, /is no address of a hook/],
  ["github", "push", { to: "ftp://a/b" } as Options, /is no address of a hook/],
  ["github", "push", { to: "http://user:word@localhost/" } as Options, /is no address of a hook/],
])("refuses %s %s %j", async (provider, event, options, says) => {
  await expect(send(provider, event, options)).rejects.toThrow(says);
});

test("refuses a secret that is too short, and a payload that is no object", async () => {
  const refused = await flyteSend(["github", "push"], { secret: "short" });
  expectRefused(refused, 2, /it has 5 characters/);
  const file = join(folder, "list.json");
  await writeFile(file, "[]");
  await expect(send("github", "push", { payload: file })).rejects.toThrow(/must be a JSON object/);
});
