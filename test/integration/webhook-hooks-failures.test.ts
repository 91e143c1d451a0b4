import { once } from "node:events";
import { expect, test } from "vitest";
import type { Hook, HookDecision } from "../../src/webhook/hooks/hook.ts";
import {
  deliver,
  githubDelivery,
  githubSecret,
  type ServedHooks,
  useHookWebhooks,
} from "../support/hook-webhook.ts";

const site = useHookWebhooks();

/** A hook whose provider waits no longer than that. */
function impatient(hook: Hook, answerWithinMs = 300): Hook {
  const { name, runAs, start, from } = hook;
  return { name, runAs, start, from: { ...from, answerWithinMs } };
}

const logged = ({ lines }: ServedHooks, msg: string) =>
  lines.map((line) => JSON.parse(line)).filter((line) => line.msg === msg);

test("a run-as key that was revoked is the operator's fault: 500, and the log says why", async () => {
  const token = await site.all.createUser("leaver", "contributor");
  const left = await site.all.webhook({ hooks: [site.all.hook({ runAs: { token } })] });
  expect((await deliver(left)).body).toMatchObject({ status: "started", subject: "leaver" });
  await site.all.revokeKeys("leaver");
  const { result, runs } = await site.all.runsSince(() => deliver(left));
  expect(runs).toEqual([]);
  expect(result).toMatchObject({ status: 500, body: { code: "internal" } });
  expect(result.body.detail).toBe(
    `The control plane did not accept the credential of this hook. Quote request id ${result.body.requestId}.`,
  );
  const [failure] = logged(left, "request failed");
  expect(failure).toMatchObject({ level: 50, requestId: result.body.requestId });
  expect(failure.error.code).toBe("unauthenticated");
  expect(left.lines.join("\n")).not.toContain(token);
});

test("a run-as user without the right is told apart, and the task that is not there", async () => {
  const token = await site.all.createUser("reader", "viewer");
  const weak = await site.all.webhook({
    hooks: [
      site.all.hook({ runAs: { token } }),
      site.all.hook({ name: "absent", start: () => ({ task: "ci.absent" }) }),
      site.all.hook({
        name: "version",
        start: () => ({ task: "ci.build", version: "v9", inputs: { commit: "x" } }),
      }),
    ],
  });
  const { result, runs } = await site.all.runsSince(async () => [
    await deliver(weak),
    await deliver(weak, { hook: "absent" }),
    await deliver(weak, { hook: "version" }),
  ]);
  expect(runs).toEqual([]);
  expect(result.map(({ status, body }) => [status, body.detail.split(". Quote")[0]])).toEqual([
    [500, "The credential of this hook may not start task development/flytesnacks/ci.build"],
    [500, "The control plane has no task development/flytesnacks/ci.absent"],
    [500, "The control plane has no task development/flytesnacks/ci.build"],
  ]);
});

test("while the control plane is away deliveries are 503, and start their run when they come again", async () => {
  const { result, runs } = await site.all.runsSince(async () => {
    site.all.front.decide(() => "refused");
    const away = await deliver(site.webhook, { id: "away-1" });
    site.all.front.decide(() => "through");
    return [away, await deliver(site.webhook, { id: "away-1" })];
  });
  const [away, later] = result;
  expect(away).toMatchObject({ status: 503, body: { code: "unavailable" } });
  expect(away?.headers.get("retry-after")).toBe("5");
  expect(later?.body.status).toBe("started");
  expect(runs).toHaveLength(1);
});

test.for(["createRun", "uploadInputs", "getRunDetails"])(
  "when the answer to %s is lost, the delivery that comes again ends in the one run",
  async (method) => {
    const id = `lost-${method}`;
    const { result, runs } = await site.all.runsSince(async () => {
      let lost = 0;
      site.all.front.decide((called) => {
        const isIt = called.toLowerCase() === method.toLowerCase() && lost++ === 0;
        return isIt ? "answer lost" : "through";
      });
      const first = await deliver(site.webhook, { id });
      site.all.front.decide(() => "through");
      return [first, await deliver(site.webhook, { id })];
    });
    expect(runs).toHaveLength(1);
    const [first, second] = result;
    // Either the webhook found out what became of it, or it said that it does not know.
    expect([202, 503]).toContain(first?.status);
    expect(second).toMatchObject({ status: 202, body: { run: { name: runs[0]?.name } } });
  },
);

test("what the control plane does not confirm in the provider's time is 504, and no second run later", async () => {
  const hasty = await site.all.webhook({ hooks: [impatient(site.all.hook())] });
  const { result, runs } = await site.all.runsSince(async () => {
    const { letGo } = site.all.front.hold("CreateRun");
    const late = await deliver(hasty, { id: "late-1" });
    letGo();
    return [late, await deliver(hasty, { id: "late-1" })];
  });
  expect(runs).toHaveLength(1);
  const [late, again] = result;
  expect(late).toMatchObject({ status: 504, body: { code: "deadline_exceeded" } });
  expect(late?.body.detail).toContain("it starts one run, however often it comes");
  expect(late?.headers.get("retry-after")).toBe("5");
  expect(again).toMatchObject({ status: 202, body: { run: { name: runs[0]?.name } } });
});

test("closing waits for a start that its delivery could not wait for", async () => {
  const hasty = await site.all.webhook({ hooks: [impatient(site.all.hook())] });
  const { runs } = await site.all.runsSince(async () => {
    const { letGo } = site.all.front.hold("CreateRun");
    expect((await deliver(hasty)).status).toBe(504);
    const closed = hasty.close();
    letGo();
    await closed;
  });
  expect(runs).toHaveLength(1);
});

test.for<readonly [string, () => HookDecision | Promise<HookDecision>]>([
  [
    "throws",
    () => {
      throw new TypeError("a reason");
    },
  ],
  ["rejects", () => Promise.reject(new Error("a reason"))],
  ["rejects with no error", () => Promise.reject("planted-value")],
  ["answers a text", () => "planted-value" as never],
  ["names no task", () => ({}) as never],
  ["misspells a member", () => ({ task: "ci.build", input: { commit: "planted-value" } }) as never],
  ["names a task that can be none", () => ({ task: "../planted-value" })],
  ["names a domain that can be none", () => ({ task: "ci.build", domain: "a/b" })],
  ["gives a list of inputs", () => ({ task: "ci.build", inputs: ["planted-value"] }) as never],
  ["gives a label that is no text", () => ({ task: "ci.build", labels: { a: 1 } }) as never],
  ["refuses without words", () => ({ refuse: "" })],
])("a mapping that %s is 500 without its reasons, which are in the log", async ([, start]) => {
  const failing = await site.all.webhook({ hooks: [site.all.hook({ start })] });
  const { result, runs } = await site.all.runsSince(() => deliver(failing));
  expect(runs).toEqual([]);
  expect(result).toMatchObject({ status: 500, body: { code: "internal" } });
  expect(result.body.detail).toContain("This hook failed to say what the event starts.");
  expect(JSON.stringify(result.body)).not.toMatch(/a reason|planted/);
  expect(logged(failing, "request failed")).toHaveLength(1);
  expect(failing.lines.join("\n")).not.toContain("planted-value");
});

test("a mapping that never ends is 504", async () => {
  const endless = await site.all.webhook({
    hooks: [impatient(site.all.hook({ start: () => new Promise(() => undefined) }), 50)],
  });
  expect(await deliver(endless)).toMatchObject({
    status: 504,
    body: { code: "deadline_exceeded" },
  });
  expect(site.all.front.calls).toEqual([]);
});

test("inputs that do not fit are 422 and told by their places, without a value", async () => {
  const wrong = await site.all.webhook({
    hooks: [
      site.all.hook({
        start: () => ({
          task: "ci.build",
          inputs: { commit: { secret: "planted-value" }, comit: "planted-value" },
        }),
      }),
      site.all.hook({ name: "missing", start: () => ({ task: "ci.build" }) }),
    ],
  });
  const answer = await deliver(wrong);
  expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request" } });
  expect(answer.body.errors).toEqual([
    { path: "comit", message: 'unknown input, did you mean "commit"?' },
    { path: "commit", message: "expected a string" },
  ]);
  const missing = await deliver(wrong, { hook: "missing" });
  expect(missing.body.errors).toEqual([
    { path: "commit", message: "required, the task has no default for this input" },
  ]);
  expect(wrong.lines.join("\n")).not.toContain("planted-value");
});

test("where there is no room deliveries are 503 and start nothing, and take no room from those they repeat", async () => {
  const narrow = await site.all.webhook({
    maxConcurrentRequests: 1,
    maxQueuedRequests: 1,
    queueTimeoutMs: 50,
  });
  const { result, runs } = await site.all.runsSince(async () => {
    const { arrived, letGo } = site.all.front.hold("CreateRun");
    const first = deliver(narrow, { id: "room-1" });
    await arrived;
    const repeated = deliver(narrow, { id: "room-1" });
    const refused = await deliver(narrow, { id: "room-2" });
    letGo();
    return [await first, await repeated, refused];
  });
  expect(runs).toHaveLength(1);
  expect(result.map(({ status, body }) => [status, body.status])).toEqual([
    [202, "started"],
    [202, "duplicate"],
    [503, 503],
  ]);
  expect(result[2]).toMatchObject({ body: { code: "overloaded" } });
  expect(result[2]?.headers.get("retry-after")).toBe("1");
});

test("an answer that was given is a run that is there, even when the webhook ends at once", async () => {
  const answered = await deliver(site.webhook);
  const runs = await site.all.runs();
  expect(runs.map(({ name }) => name)).toContain(answered.body.run.name);
});

test("a sender that goes away in the middle of its delivery starts nothing", async () => {
  const { runs } = await site.all.runsSince(async () => {
    const { body, headers } = githubDelivery();
    const { connect } = await import("node:net");
    const socket = connect(Number(new URL(site.webhook.url).port), "127.0.0.1");
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = ["POST /hooks/github HTTP/1.1", "host: x", ...lines, "content-length: 100000"];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body.toString()}`);
    await once(socket, "connect");
    socket.destroy();
    await once(socket, "close");
    expect((await deliver(site.webhook)).status).toBe(202);
  });
  expect(runs).toHaveLength(1);
});

test("no secret, signature, key or payload is in any answer or line of the log", async () => {
  const token = site.all.robot;
  const signature = githubDelivery({ payload: { sha: "planted-sha" } }).headers[
    "x-hub-signature-256"
  ];
  const talking = await site.all.webhook({
    hooks: [site.all.hook(), site.all.hook({ name: "failing", start: failWithToken })],
  });
  function failWithToken(): never {
    throw new Error(`quotes ${token}`);
  }
  const answers = [
    await deliver(talking, { payload: { sha: "planted-sha" } }),
    await deliver(talking, { payload: { sha: 7, other: "planted-other" } }),
    await deliver(talking, { hook: "failing" }),
    await deliver(talking, { secret: "another-secret-of-them", payload: { sha: "planted-sha" } }),
    await deliver(talking, { headers: { "x-hub-signature-256": "sha256=planted" } }),
  ];
  site.all.front.decide(() => "refused");
  answers.push(await deliver(talking, { payload: { sha: "planted-sha" } }));
  const seen = `${JSON.stringify(answers.map(({ body }) => body))}\n${talking.lines.join("\n")}`;
  for (const text of [githubSecret, token, signature, "planted", "another-secret", "sha256="]) {
    expect(seen).not.toContain(text);
  }
  expect(answers.map(({ status }) => status)).toEqual([202, 422, 500, 401, 401, 503]);
});
