import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createStockHandler } from "../../src/devbox/server/stock-handler.ts";
import { createStreamHandler } from "../../src/devbox/server/stream-handler.ts";
import { RunService } from "../../src/idl/runs.ts";
import { muchCount, streamNames } from "../support/echo-runs.ts";
import {
  createCallerState,
  notTaken,
  type RpcAnswer,
  type RpcPeer,
  type SentRpc,
  sendRpc,
  startRpcPeer,
} from "../support/rpc-peer.ts";

const { database, authorization } = createCallerState();
let short: RpcPeer;
let stock: RpcPeer;
/** Calls that the short way has left to the other after reading their body. */
let handedOver = 0;

beforeAll(async () => {
  short = await startRpcPeer((options) => {
    const answerAny = createStockHandler(options);
    return createStreamHandler(options, (...call) => {
      handedOver += 1;
      return answerAny(...call);
    });
  }, database);
  stock = await startRpcPeer(createStockHandler, database);
});

afterAll(async () => {
  await short[Symbol.asyncDispose]();
  await stock[Symbol.asyncDispose]();
  await database.close();
});

const { method } = RunService;
const watch = `/${RunService.typeName}/${method.watchActionDetails.name}`;
const plain = { "content-type": "application/connect+proto", authorization };

function message(name: string): Uint8Array {
  const { input } = method.watchActionDetails;
  return toBinary(input, create(input, { actionId: { name } }));
}

function asking(name: string): Uint8Array {
  return encodeEnvelope(0, message(name));
}

type Sent = Partial<SentRpc>;

const send = (peer: RpcPeer, sent: Sent): Promise<RpcAnswer> =>
  sendRpc(peer, { path: watch, ...sent });

/** Sends the same to both; the answer that they share, or undefined when the short way leaves it. */
async function sendBoth(sent: Sent): Promise<RpcAnswer | undefined> {
  const [mine, theirs] = await Promise.all([send(short, sent), send(stock, sent)]);
  if (mine.status === notTaken) return undefined;
  expect(mine).toEqual(theirs);
  return theirs;
}

test.each(["p", "", "日本", ...streamNames])(
  "a stream for %j is the same both ways",
  async (name) => {
    const before = handedOver;
    const chunked = { ...plain, "transfer-encoding": "chunked" };
    const body = asking(name);
    expect(await sendBoth({ headers: plain, body })).toMatchObject({ status: 200 });
    expect(await sendBoth({ headers: chunked, body })).toMatchObject({ status: 200 });
    expect(handedOver).toBe(before);
    // Neither tells more in its log, nor less.
    expect(short.logged.map(withoutTime)).toEqual(stock.logged.map(withoutTime));
  },
);

function withoutTime(line: string): unknown {
  const { time, pid, err, ...rest } = JSON.parse(line);
  return { ...rest, message: err?.message };
}

test.each<[string, string, Sent]>([
  ["no credential", "nobody", { headers: { "content-type": plain["content-type"] } }],
  ["a bad credential", "unauthenticated", { headers: { ...plain, authorization: "Bearer x" } }],
  ["a deadline", "{}", { headers: { ...plain, "connect-timeout-ms": "60000" } }],
  [
    "a deadline reached",
    "deadline_exceeded",
    { headers: { ...plain, "connect-timeout-ms": "20" }, body: asking("wait") },
  ],
  [
    "a deadline of nothing",
    "deadline_exceeded",
    { headers: { ...plain, "connect-timeout-ms": "0" }, body: asking("wait") },
  ],
  [
    "a method that is left out",
    "unimplemented",
    { path: `/${RunService.typeName}/${method.watchRuns.name}` },
  ],
])("%s is answered with %j both ways", async (_, text, sent) => {
  const { body } = (await sendBoth({ headers: plain, body: asking("p"), ...sent })) ?? {};
  expect(body).toContain(text);
});

test.each<[string, string, Uint8Array]>([
  ["no body", "missing input message", new Uint8Array()],
  ["half an envelope", "incomplete envelope", asking("p").subarray(0, 3)],
  ["half a message", "incomplete envelope", asking("p").subarray(0, -1)],
  ["two messages", "extra input message", Buffer.concat([asking("p"), asking("q")])],
  ["broken protobuf", "parse binary", encodeEnvelope(0, Uint8Array.of(0xff, 0xff))],
  ["a compressed message", "compressed", encodeEnvelope(1, gzipSync(message("p")))],
  ["the end of a stream alone", "missing input message", encodeEnvelope(2, Buffer.from("{}"))],
  ["a length beyond the cap", "resource_exhausted", Uint8Array.of(0, 0xff, 0, 0, 0, 1)],
])("a body of %s goes to the stock handler", async (_, text, body) => {
  const before = handedOver;
  expect((await sendBoth({ headers: plain, body }))?.body).toContain(text);
  expect(handedOver).toBe(before + 1);
});

test("a body that never ends is refused", async () => {
  const { port } = short;
  const headers = { ...plain, "transfer-encoding": "chunked" };
  const request = httpRequest({ port, path: watch, method: "POST", headers, agent: false });
  request.on("error", () => undefined); // the rest cannot be sent
  request.write(Uint8Array.of(0, 0xff, 0, 0, 0));
  request.write(Buffer.alloc(32 * 1024 * 1024 + 1));
  const [response] = await once(request, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString("latin1")).toContain("resource_exhausted");
  request.destroy();
});

test.each<[string, Sent]>([
  ["JSON", { headers: { ...plain, "content-type": "application/connect+json" } }],
  ["gRPC", { headers: { ...plain, "content-type": "application/grpc" } }],
  ["a unary form", { headers: { ...plain, "content-type": "application/proto" } }],
  ["PUT", { method: "PUT" }],
  ["a unary method", { path: `/${RunService.typeName}/${method.createRun.name}` }],
  ["a path with a query", { path: `${watch}?x=1` }],
  ["a compressed stream", { headers: { ...plain, "connect-content-encoding": "gzip" } }],
  ["a wish for compression", { headers: { ...plain, "connect-accept-encoding": "br, gzip" } }],
  ["a deadline that is none", { headers: { ...plain, "connect-timeout-ms": "1s" } }],
])("%s is left to the stock handler", async (_, sent) => {
  expect(await send(short, { headers: plain, body: asking("p"), ...sent })).toMatchObject({
    status: notTaken,
  });
});

test("whatever the short way takes, it answers like the stock handler", async () => {
  const seldom = (...values: string[]) =>
    fc.oneof(
      { arbitrary: fc.constant(undefined), weight: 6 },
      { arbitrary: fc.constantFrom(...values), weight: 1 },
    );
  const headers = fc.record({
    authorization: fc.constantFrom(authorization, authorization, "Bearer x"),
    "connect-content-encoding": seldom("identity", "", "br"),
    "connect-accept-encoding": seldom("identity", "", "gzip", "br"),
    "connect-timeout-ms": seldom("10000", "", "-1"),
    "content-encoding": seldom("gzip", "br"),
  });
  const name = fc.oneof(fc.constantFrom(...streamNames), fc.string());
  const flags = fc.oneof({ arbitrary: fc.constant(0), weight: 5 }, fc.integer({ min: 0, max: 3 }));
  const bytes = fc.oneof(name.map(message), fc.uint8Array({ maxLength: 20 }));
  const envelope = fc.tuple(flags, bytes).map(([flag, data]) => encodeEnvelope(flag, data));
  const body = fc.oneof(
    { arbitrary: envelope, weight: 5 },
    fc.array(envelope, { maxLength: 3 }).map((all) => new Uint8Array(Buffer.concat(all))),
    fc.uint8Array({ maxLength: 20 }),
  );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.record({ headers, body }), async ({ headers, body }) => {
      const given = Object.entries({ ...plain, ...headers }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      );
      if ((await sendBoth({ headers: Object.fromEntries(given), body })) !== undefined) taken += 1;
    }),
    { numRuns: 150 },
  );
  expect(taken).toBeGreaterThan(50);
});

/** Begins a stream that waits, and returns once its first message has come. */
async function begin(peer: RpcPeer): Promise<IncomingMessage> {
  const { port } = peer;
  const called = peer.next("called");
  const options = { port, path: watch, method: "POST", headers: plain, agent: false };
  const request = httpRequest(options);
  request.on("error", () => undefined); // some tests break it off
  request.end(asking("wait"));
  const [response] = await once(request, "response");
  response.on("error", () => undefined);
  await once(response, "data");
  await called;
  return response;
}

/** Sends a call as bytes. What comes back is there as it comes. */
function sendRaw(peer: RpcPeer, name: string): () => string {
  const socket = connect(peer.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const chunks: string[] = [];
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => chunks.push(chunk));
  const body = asking(name);
  const headers = Object.entries({ ...plain, host: "localhost", "content-length": body.length });
  const head = headers.map(([header, value]) => `${header}: ${value}\r\n`).join("");
  socket.write(`POST ${watch} HTTP/1.1\r\n${head}\r\n`);
  socket.write(body);
  return () => chunks.join("");
}

// The stock handler sends headers with the first message alone, and lets nobody change that.
test("a stream that has nothing to say yet sends its headers", async () => {
  const called = short.next("called");
  const text = sendRaw(short, "silent");
  await called;
  await expect.poll(text).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)+\r\n$/);
  expect(text()).toContain("content-type: application/connect+proto\r\n");
});

test("a refusal is sent as one, with the headers", async () => {
  const flush = vi.spyOn(ServerResponse.prototype, "flushHeaders");
  onTestFinished(() => flush.mockRestore());
  const text = sendRaw(short, "refused");
  await expect.poll(text).toContain("not_found");
  expect(flush).not.toHaveBeenCalled();
  const late = sendRaw(short, "lateRefused");
  await expect.poll(late).toContain("not_found");
  expect(flush).toHaveBeenCalledOnce();
});

test("a stream that has a message at once is written without further ado", async () => {
  const flush = vi.spyOn(ServerResponse.prototype, "flushHeaders");
  const write = vi.spyOn(ServerResponse.prototype, "write");
  onTestFinished(() => void vi.restoreAllMocks());
  await send(short, { headers: plain, body: asking("three") });
  expect(write).toHaveBeenCalledTimes(3);
  expect(flush).not.toHaveBeenCalled();
});

test("a caller who leaves ends the stream without a word in the log, both ways", async () => {
  for (const peer of [short, stock]) {
    const aborted = peer.next("aborted");
    const logged = peer.logged.length;
    const response = await begin(peer);
    response.destroy();
    await aborted;
    expect((await send(peer, { headers: plain, body: asking("p") })).status).toBe(200);
    expect(peer.logged.length).toBe(logged);
  }
});

test("a caller who does not read is not sent more than fits, and gets the rest later", async () => {
  const { port } = short;
  const options = { port, path: watch, method: "POST", headers: plain, agent: false };
  const request = httpRequest(options);
  request.end(asking("much"));
  const [response] = await once(request, "response");
  expect(short.count("sending")).toBeLessThan(muchCount);
  let received = 0;
  for await (const chunk of response) received += chunk.length;
  expect(short.count("sending")).toBe(muchCount);
  expect(received).toBeGreaterThan(muchCount * 512 * 1024);
});

test("a server that closes ends the streams that wait with the reason, both ways", async () => {
  for (const peer of [short, stock]) {
    const response = await begin(peer);
    const rest: Buffer[] = [];
    response.on("data", (chunk: Buffer) => rest.push(chunk));
    const ended = once(response, "end");
    peer.shutdown.abort(new ConnectError("The devbox is shutting down.", Code.Unavailable));
    await ended;
    expect(Buffer.concat(rest).toString()).toContain(
      '{"error":{"code":"unavailable","message":"The devbox is shutting down."}}',
    );
  }
});
