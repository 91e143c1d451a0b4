import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { rawRequest } from "../support/raw-http.ts";
import { startTargetApp } from "../support/target-app.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

async function start(options: Parameters<typeof startTestWebhook>[0]): Promise<TestWebhook> {
  const webhook = await startTestWebhook(options);
  onTestFinished(() => webhook[Symbol.asyncDispose]());
  return webhook;
}

/** A connection, gone with the test. */
async function open({ url }: TestWebhook, localAddress = "127.0.0.1"): Promise<Socket> {
  const { port } = new URL(url);
  const socket = connect({ port: Number(port), host: "127.0.0.1", localAddress });
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Whether a connection is taken: one that is not is closed before it says anything. */
async function isServed(socket: Socket): Promise<boolean> {
  socket.write("GET /health HTTP/1.1\r\nhost: test\r\n\r\n");
  return Promise.race([
    once(socket, "data").then(() => true),
    once(socket, "close").then(() => false),
  ]);
}

test("a thousand connections that send one byte after the other keep nobody from being served", async () => {
  const webhook = await start({ requestTimeoutMs: 1_000 });
  const slow = await Promise.all(Array.from({ length: 1000 }, () => open(webhook)));
  const closed = slow.map((socket) => once(socket, "close"));
  for (const socket of slow) {
    socket.resume();
    socket.write("POST /run-task/a/b/c HTTP/1.1\r\nhost: test\r\nx-slow: ");
  }
  const caller = createCaller(webhook.url, "a");
  for (let request = 0; request < 5; request++) {
    for (const socket of slow) if (!socket.destroyed) socket.write("a");
    expect((await caller.get("/me")).status).toBe(200);
  }
  // They are answered 408 and closed, however busily they go on.
  const going = setInterval(() => {
    for (const socket of slow) if (!socket.destroyed) socket.write("a");
  }, 200);
  onTestFinished(() => clearInterval(going));
  await Promise.all(closed);
  expect((await caller.get("/me")).status).toBe(200);
});

test("one connection more than there may be is closed, and there is room again later", async () => {
  const webhook = await start({ maxConnections: 3 });
  const open3 = await Promise.all([open(webhook), open(webhook), open(webhook)]);
  expect(await Promise.all(open3.map(isServed))).toEqual([true, true, true]);
  expect(await isServed(await open(webhook))).toBe(false);
  await closeAll(open3.slice(0, 1));
  expect(await tries(webhook)).toBe(true);
});

test("an address that opens too many connections takes none of others", async () => {
  const webhook = await start({ maxConnectionsPerAddress: 2 });
  const greedy = await Promise.all([open(webhook), open(webhook)]);
  expect(await Promise.all(greedy.map(isServed))).toEqual([true, true]);
  expect(await isServed(await open(webhook))).toBe(false);
  expect(await isServed(await open(webhook, "127.0.0.2"))).toBe(true);
  await closeAll(greedy.slice(0, 1));
  expect(await tries(webhook)).toBe(true);
});

test("connections of trusted proxies have no bound of their own", async () => {
  const webhook = await start({
    maxConnectionsPerAddress: 1,
    trustedProxies: ["127.0.0.2", "10.0.0.0/8"],
  });
  const ofProxy = await Promise.all([1, 2, 3].map(() => open(webhook, "127.0.0.2")));
  expect(await Promise.all(ofProxy.map(isServed))).toEqual([true, true, true]);
});

test("who does not read an answer loses its connection; who waits for one does not", async () => {
  let answerFirst: (() => void) | undefined;
  const app = await startTargetApp((response) => {
    if (answerFirst === undefined) answerFirst = () => response.end("late");
    else response.end("x".repeat(9_000_000));
  });
  const webhook = await start({ writeTimeoutMs: 300, callTimeoutMs: 3_600_000 });
  webhook.stub.apps.set("site", { endpoint: app.url });
  const waiting = createCaller(webhook.url, "a").post("/app/site/call?path=/");
  await app.first;
  const stuck = await open(webhook);
  const isCut = once(stuck, "close");
  stuck.write(rawRequest("POST /app/site/call?path=/", ["authorization: Bearer a"]));
  // Its answer is taken no further than the system itself takes it.
  await once(stuck, "readable");
  // So the app is let go but for the first request, which has been quiet for longer.
  while (app.sockets.size > 1) {
    await new Promise((resolve) => [...app.sockets].at(-1)?.once("close", resolve));
  }
  answerFirst?.();
  const { status, body } = await waiting;
  expect([status, body]).toEqual([200, "late"]);
  stuck.resume();
  await isCut;
});

async function closeAll(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(
    sockets.map((socket) => {
      const closed = once(socket, "close");
      socket.destroy();
      return closed;
    }),
  );
}

/** The server hears of a closed connection a little later. */
async function tries(webhook: TestWebhook): Promise<boolean> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    if (await isServed(await open(webhook))) return true;
  }
  return false;
}
