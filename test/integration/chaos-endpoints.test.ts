import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { endpoints } from "../../src/webhook/endpoints.ts";
import { ChaosProxy } from "../support/chaos/chaos-proxy.ts";
import { type GoodRequest, goodRequests } from "../support/chaos/endpoint-requests.ts";
import { allFaults, type Fault, harmless, pass, printFault } from "../support/chaos/fault.ts";
import { internals } from "../support/chaos/raw-answer.ts";
import { ControlPlaneStub } from "../support/control-plane-stub.ts";
import { withEnoughTime } from "../support/enough-time.ts";
import { createLog } from "../support/log.ts";
import { type RawAnswer, rawRequest, sendRaw } from "../support/raw-http.ts";

/** What one webhook asks once for all its callers is not asked again: they have tests of their own. */
const askedOnce: ReadonlySet<string> = new Set(["SelectCluster"]);
/** Streams are begun anew for a while, and have tests of their own. */
const streams: ReadonlySet<string> = new Set(["WatchActionDetails", "TailLogs"]);
/** Where a run ended whose outputs cannot be read, this is told beside the outputs, after a time of its own. */
const tellsOutputsApart = (name: string, method: string): boolean =>
  name === "run_task_and_wait" && (method === "GetRunDetails" || method === "GetActionData");
/** Their answers are empty, which cannot be shortened. */
const answeredWithNothing: ReadonlySet<string> = new Set([
  "AbortRun",
  "UpdateTriggers",
  "GetActionData",
  "SignalEvent",
]);

let stub: ControlPlaneStub;
let proxy: ChaosProxy;
let patient: string;
const { logger, lines } = createLog();
const ends: (() => Promise<unknown>)[] = [];
/** The methods that a request calls. */
const asked = new Map<GoodRequest, readonly string[]>();
let count = 0;

beforeAll(async () => {
  stub = await ControlPlaneStub.start();
  proxy = await ChaosProxy.to(stub.url);
  patient = await startWebhook(60_000);
  for (const good of goodRequests) {
    prepare();
    const { status, body } = await ask(patient, good);
    expect(`${good.endpoint} ${status < 300 ? "good" : body}`).toBe(`${good.endpoint} good`);
    // Readiness is kept for a while, and has tests of its own.
    if (good.endpoint === "ready") continue;
    const methods = new Set(proxy.calls.map(({ method }) => method));
    asked.set(
      good,
      [...methods].filter((method) => !askedOnce.has(method) && !streams.has(method)),
    );
  }
}, 60_000);
afterAll(async () => {
  for (const end of ends) await end();
  await proxy?.[Symbol.asyncDispose]();
  await stub?.[Symbol.asyncDispose]();
});

async function startWebhook(timeoutMs: number): Promise<string> {
  const settings = { endpoint: proxy.url, timeoutMs, retries: 0, maxResponseBytes: 100_000 };
  const scope = { project: "flytesnacks", domain: "development" };
  const controlPlane = createControlPlane({ ...settings, ...scope });
  const authenticator = bearerAuthenticator("the-key-of-links");
  const ofLinks = createControlPlane({ ...settings, authenticator });
  const webhook = createWebhook({
    name: "test-webhook",
    controlPlane,
    logger,
    allowAnonymous: true,
    endpointGroups: [...new Set(endpoints.map(({ group }) => group))],
    signalLinks: {
      controlPlane: ofLinks,
      key: "a key that proves the links of tests",
      url: "https://hooks.example.com",
    },
  });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  ends.push(
    () => webhook.close(),
    () => controlPlane.close(),
    () => ofLinks.close(),
  );
  return url;
}

/** The stub as it was, with a run that has ended. */
function prepare(): void {
  proxy.calm();
  proxy.calls.length = 0;
  stub.reset();
  stub.runs.runs.set("run-of-cached", { name: "cached.main" });
  stub.runs.watches.end("run-of-cached");
}

/** Each request has a caller of its own: what is kept for one is not there for the next. */
function ask(url: string, { request, body }: GoodRequest): Promise<RawAnswer> {
  count += 1;
  const headers = [`authorization: Bearer planted-credential-${count}`];
  if (body !== undefined) headers.push("content-type: application/json");
  const text = body === undefined ? "" : JSON.stringify(body);
  return sendRaw(url, rawRequest(request, headers, text));
}

interface Told {
  readonly status: number;
  readonly code: string;
  readonly retryAfter?: string;
}

/** The status and the code that docs/errors.md has for what happened. */
function expectedOf({ kind, status, retryAfter = "5" }: Fault): Told {
  if (kind.startsWith("hangs")) return { status: 504, code: "deadline_exceeded" };
  if (kind === "status" && status === 500) return { status: 502, code: "control_plane_failed" };
  if (kind === "status" || kind.startsWith("reset") || kind === "no http") {
    return { status: 503, code: "unavailable", retryAfter };
  }
  return { status: 502, code: "control_plane_failed" };
}

/** What an answer says went wrong; undefined for one that says that nothing did. */
function toldBy({ endpoint }: GoodRequest, { status, head, body }: RawAnswer): Told | undefined {
  if (endpoint === "run_tasks" && status === 207) {
    const { problem } = JSON.parse(body).runs[0];
    return { status: problem.status, code: problem.code };
  }
  if (status < 300) return undefined;
  const [, retryAfter] = /^retry-after: (.*?)\r?$/im.exec(head) ?? [];
  const { code } = JSON.parse(body);
  expect(head).toMatch(/^content-type: application\/problem\+json\r?$/im);
  return { status, code, ...(retryAfter !== undefined && { retryAfter }) };
}

function check(good: GoodRequest, method: string, fault: Fault, answer: RawAnswer): void {
  const where = `${good.endpoint}, ${method} ${printFault(fault)}`;
  const told = toldBy(good, answer);
  expect(answer.body, where).not.toContain(internals);
  if (!answer.body.includes('"subject"')) {
    expect(answer.body, where).not.toContain("planted-credential");
  }
  if (harmless.includes(fault.kind)) {
    expect(told, where).toBeUndefined();
    return;
  }
  const isWhole = fault.kind === "shortened" && answeredWithNothing.has(method);
  // The next call of another request may have met the connection that was closed.
  if (isWhole || fault.kind === "closed when idle") {
    expect([undefined, "unavailable"], where).toContain(told?.code);
    return;
  }
  if (tellsOutputsApart(good.endpoint, method)) {
    expect(JSON.parse(answer.body), where).toMatchObject({
      outputs: null,
      outputs_error: expect.stringContaining("control plane"),
    });
    return;
  }
  // Where no secret is told of, the run will tell.
  if (method === "GetSecret" && told === undefined) return;
  const expected = expectedOf(fault);
  // An item of a batch has no headers of its own.
  const { retryAfter: _, ...ofItem } = expected;
  expect(told, where).toEqual(good.endpoint === "run_tasks" ? ofItem : expected);
  const isLost = answer.body.includes("not known whether");
  const isRefused = fault.status === 429;
  expect(isLost, where).toBe(method === "CreateRun" && !isRefused);
}

/** Every request that calls a method, all at once, with a fault of that method. */
async function askAll(url: string, fault: Fault): Promise<void> {
  const methods = new Set([...asked.values()].flat());
  for (const method of methods) {
    prepare();
    proxy.fault = (name) => (name === method ? fault : pass);
    const isHang = fault.kind.startsWith("hangs");
    const all = [...asked]
      .filter(([, called]) => called.includes(method))
      .filter(([{ endpoint }]) => !isHang || !tellsOutputsApart(endpoint, method));
    const askOne = async (good: GoodRequest): Promise<void> =>
      check(good, method, fault, await ask(url, good));
    // What is switched both ways at once meets itself.
    const [on, off] = [false, true].map((isOff) =>
      all.flatMap(([good]) => (good.endpoint.startsWith("deactivate") === isOff ? [good] : [])),
    );
    await Promise.all((on ?? []).map(askOne));
    await Promise.all((off ?? []).map(askOne));
  }
}

describe("whatever each call to the control plane meets, each endpoint tells what errors.md says:", () => {
  for (const fault of allFaults) {
    if (!fault.kind.startsWith("hangs")) {
      test(printFault(fault), () => askAll(patient, fault));
      continue;
    }
    test(printFault(fault), { timeout: 120_000 }, () =>
      withEnoughTime(150, async (timeoutMs) => askAll(await startWebhook(timeoutMs), fault)),
    );
  }
});

test("afterwards every endpoint works at the first try, over few connections", async () => {
  for (const good of asked.keys()) {
    prepare();
    expect(toldBy(good, await ask(patient, good)), good.endpoint).toBeUndefined();
  }
  expect(proxy.open).toBeLessThan(100);
});

test("no log line has a credential, or what answered on the way", () => {
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => /planted-credential|planted-internals/.test(line))).toEqual([]);
});
