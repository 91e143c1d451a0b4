import { once } from "node:events";
import { request } from "node:http";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { expect, onTestFinished, test, vi } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { ClusterService } from "../../src/idl/clusters.ts";
import { DataProxyService } from "../../src/idl/data-proxy.ts";
import { RunService } from "../../src/idl/runs.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { createCaller } from "../support/http.ts";
import { LiveReader } from "../support/live-reader.ts";
import { createLog } from "../support/log.ts";
import { startStub, stubRun } from "../support/scripted-control-plane.ts";

/** Lines of ten kilobytes that a log has: more than any buffer holds. */
const most = 20_000;

/** A control plane whose streams are counted, in front of it a webhook. */
async function open(options: Partial<Omit<WebhookOptions, "controlPlane">> = {}) {
  const counts = { open: 0, lines: 0 };
  let left: () => void = () => undefined;
  const whenLeft = new Promise<void>((resolve) => {
    left = resolve;
  });
  const failing = { with: undefined as ConnectError | undefined };
  const counted = async function* <Message>(
    signal: AbortSignal,
    messages: () => AsyncGenerator<Message>,
  ) {
    if (failing.with !== undefined) throw failing.with;
    counts.open += 1;
    let isOpen = true;
    const leave = (): void => {
      if (isOpen) counts.open -= 1;
      isOpen = false;
      if (counts.open === 0) left();
    };
    // A handler that waits for its reader is not told of its leaving otherwise.
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(leave()), { once: true });
    });
    yield* messages();
    await aborted;
  };
  const routes = (router: ConnectRouter): void => {
    router.service(ClusterService, { selectCluster: () => ({}) });
    router.service(RunService, {
      getRunDetails: () => ({ details: stubRun("r", 4) }),
      watchActionDetails: (_request, { signal }) =>
        counted(signal, async function* () {
          yield { details: stubRun("r", 4).action ?? {} };
        }),
    });
    router.service(DataProxyService, {
      tailLogs: (_request, { signal }) =>
        counted(signal, async function* () {
          const message = "x".repeat(10_000);
          for (; counts.lines < most && !signal.aborted; counts.lines += 1) {
            yield { logs: [{ lines: [{ message }] }] };
          }
        }),
    });
  };
  const stub = await startStub(routes);
  const controlPlane = createControlPlane({
    ...{ endpoint: stub.url, project: "p", domain: "d", retries: 0 },
  });
  const webhook = createWebhook({
    name: "streams",
    endpointGroups: ["live"],
    ...options,
    controlPlane,
  });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    await webhook.close();
    await controlPlane.close();
  });
  const read = async (path: string, accept?: string) => {
    const asked = { key: "planted-key", ...(accept !== undefined && { accept }) };
    const reader = await LiveReader.open(`${url}${path}`, asked);
    onTestFinished(() => void reader.response.destroy());
    return reader;
  };
  /** Ends the streams that are open with this error, and all that are opened later. */
  const fail = (error: ConnectError): void => {
    failing.with = error;
  };
  return { url, webhook, counts, whenLeft, read, fail };
}

test("the head and the present state come at once", async () => {
  const { read } = await open();
  const reader = await read("/run/r/events");
  expect(reader.status).toBe(200);
  expect(await reader.next()).toMatchObject({ id: "1.queued" });
  expect(await reader.next()).toMatchObject({ id: "1.running" });
});

test.each(["/run/r/events", "/run/r/logs"])(
  "who leaves %s ends the stream from the control plane at once",
  async (path) => {
    const { read, counts, whenLeft } = await open();
    const reader = await read(path, "text/event-stream");
    await reader.next();
    expect(counts.open).toBe(1);
    reader.response.destroy();
    await whenLeft;
    expect(counts.open).toBe(0);
  },
);

test("a reader that reads nothing holds up the control plane, and not the memory", async () => {
  const { url, counts } = await open({ closeGraceMs: 50 });
  const asking = request(`${url}/run/r/logs`, {
    agent: false,
    headers: { authorization: "Bearer planted-key" },
  });
  onTestFinished(() => void asking.destroy());
  asking.on("error", () => undefined).end();
  const [response] = await once(asking, "response");
  response.socket.pause();
  // Goes on only while something is sent: when it has stood still for long, it does for good.
  let before = -1;
  let stillFor = 0;
  const looksStill = (): number => {
    stillFor = counts.lines === before && counts.lines > 0 ? stillFor + 1 : 0;
    before = counts.lines;
    return stillFor;
  };
  await expect.poll(looksStill, { interval: 100, timeout: 20_000 }).toBeGreaterThan(5);
  expect(counts.lines).toBeLessThan(most / 2);
  response.on("error", () => undefined);
});

test("closing ends the streams at once and cleanly, and waits for no reader that reads nothing", async () => {
  const { read, webhook, url, counts, whenLeft } = await open({ closeGraceMs: 50 });
  const [events, lines] = await Promise.all([
    read("/run/r/events"),
    read("/run/r/events", "application/x-ndjson"),
  ]);
  await Promise.all([events.until(({ id }) => id === "1.running"), lines.next()]);
  const stuck = request(`${url}/run/r/logs`, {
    agent: false,
    headers: { authorization: "Bearer planted-key" },
  });
  stuck.on("error", () => undefined).end();
  const [response] = await once(stuck, "response");
  response.on("error", () => undefined);
  response.socket.pause();
  const closing = webhook.close();
  expect(await events.all()).toEqual([]);
  expect(events.response.complete).toBe(true);
  await lines.all();
  expect(lines.response.complete).toBe(true);
  await closing;
  await whenLeft;
  expect(counts.open).toBe(0);
});

test("more streams than there may be are refused, and a place that is left is free", async () => {
  const { read, url, whenLeft } = await open({ maxStreams: 1 });
  const first = await read("/run/r/events");
  await first.next();
  const refused = await createCaller(url, "key").get("/run/r/logs");
  expect(refused).toMatchObject({ status: 503, body: { code: "overloaded" } });
  expect(refused.headers.get("retry-after")).toBe("5");
  first.response.destroy();
  await whenLeft;
  await expect.poll(async () => (await read("/run/r/events")).status).toBe(200);
});

test("refusals take no place", async () => {
  const { url, read } = await open({ maxStreams: 1, taskAllowlist: ["other"] });
  const caller = createCaller(url, "key");
  for (const path of ["/run/r/events", "/run/r/logs", "/run/r/events?format=x"]) {
    for (let times = 0; times < 3; times += 1) {
      expect((await caller.get(path)).body.code).not.toBe("overloaded");
    }
  }
  expect((await read("/run/r/events", "image/png")).status).toBe(406);
});

test("a control plane that is gone for good is told as an event, without what only operators see", async () => {
  const { logger, lines } = createLog();
  const { read, fail } = await open({ logger });
  vi.spyOn(Math, "random").mockReturnValue(0); // shortens the pauses between tries
  onTestFinished(() => void vi.restoreAllMocks());
  for (const [path, code, told] of [
    ["/run/r/events", Code.Unavailable, { code: "unavailable", status: 503 }],
    ["/run/r/logs", Code.Internal, { code: "control_plane_failed", status: 502 }],
  ] as const) {
    fail(new ConnectError("disk 7 with planted-key is on fire", code));
    const reader = await read(path, "text/event-stream");
    const events = await reader.all();
    expect(events).toMatchObject([{ event: "error", data: told }]);
    expect(reader.response.complete).toBe(true);
    expect(JSON.stringify(events)).not.toContain("fire");
  }
  const logged = lines.filter((line) => line.includes("on fire"));
  expect(logged.map((line) => JSON.parse(line).level)).toEqual([40, 50]);
  expect(lines.join("\n")).not.toContain("planted-key");
});

test("a text that cannot be told to its end is cut off", async () => {
  const { read, fail } = await open();
  fail(new ConnectError("not yours", Code.PermissionDenied));
  const reader = await read("/run/r/logs");
  expect(reader.status).toBe(200);
  await expect(reader.text()).rejects.toThrow("aborted");
});

test("a heartbeat comes every 15 seconds, which readers pass over", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { read } = await open();
  for (const [accept, heartbeat] of [
    ["text/event-stream", ":\n\n"],
    ["application/x-ndjson", '{"event":"heartbeat"}\n'],
  ]) {
    const { response } = await read("/run/r/events", accept);
    let text = "";
    const told = new Promise<void>((resolve) => {
      response.on("data", (chunk) => {
        text += String(chunk);
        if (text.includes('"running"')) resolve();
      });
    });
    await told;
    await vi.advanceTimersByTimeAsync(14_999);
    const beat = once(response, "data");
    await vi.advanceTimersByTimeAsync(1);
    expect(String((await beat)[0])).toBe(heartbeat);
    response.destroy();
  }
});
