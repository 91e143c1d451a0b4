import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStockHandler } from "../../src/devbox/server/stock-handler.ts";
import { createUnaryHandler } from "../../src/devbox/server/unary-handler.ts";
import { ProjectService } from "../../src/idl/projects.ts";
import { behaviourNames } from "../support/echo-projects.ts";
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

beforeAll(async () => {
  short = await startRpcPeer(createUnaryHandler, database);
  stock = await startRpcPeer(createStockHandler, database);
});

afterAll(async () => {
  await short[Symbol.asyncDispose]();
  await stock[Symbol.asyncDispose]();
  await database.close();
});

type Sent = Partial<SentRpc>;

const send = (peer: RpcPeer, sent: Sent): Promise<RpcAnswer> =>
  sendRpc(peer, { path: getProject, ...sent });

const getProject = `/${ProjectService.typeName}/${ProjectService.method.getProject.name}`;

function asking(id: string): Uint8Array {
  const { input } = ProjectService.method.getProject;
  return toBinary(input, create(input, { id }));
}

const plain = { "content-type": "application/proto", authorization };

/** Sends the same to both; the answer that they share, or undefined when the short way leaves it. */
async function sendBoth(sent: Sent): Promise<RpcAnswer | undefined> {
  const [mine, theirs] = await Promise.all([send(short, sent), send(stock, sent)]);
  if (mine.status === notTaken) return undefined;
  expect(mine).toEqual(theirs);
  return theirs;
}

test.each(["p", "", "日本", ...behaviourNames])(
  "a call for %j is answered the same both ways",
  async (id) => {
    for (const accepted of ["", "identity", "gzip", "br, gzip;q=1, gzip"]) {
      const headers = {
        ...plain,
        "x-in": "in",
        ...(accepted ? { "accept-encoding": accepted } : {}),
      };
      for (const body of [asking(id), gzipSync(asking(id))]) {
        expect(await sendBoth({ headers, body })).toBeDefined();
      }
    }
    // Neither tells more in its log, nor less.
    expect(short.logged.map(withoutTime)).toEqual(stock.logged.map(withoutTime));
  },
);

function withoutTime(line: string): unknown {
  const { time, pid, err, ...rest } = JSON.parse(line);
  return { ...rest, message: err?.message };
}

test.each<[string, number, Sent]>([
  ["no credential", 200, { headers: { "content-type": "application/proto" }, body: asking("p") }],
  ["a bad credential", 401, { headers: { ...plain, authorization: "Bearer x" } }],
  ["two credentials", 401, { headers: { ...plain, "flyte-authorization": "Bearer x" } }],
  [
    "the other header",
    200,
    { headers: { "content-type": "application/proto", "flyte-authorization": authorization } },
  ],
  ["no body", 200, { headers: { ...plain, "content-length": "0" } }],
  ["broken protobuf", 400, { headers: plain, body: Uint8Array.of(0xff, 0xff, 0xff) }],
  ["broken text", 400, { headers: plain, body: Uint8Array.of(0x0a, 2, 0xc3, 0x28) }],
  ["unknown fields", 200, { headers: plain, body: Uint8Array.of(0xf8, 0x07, 0x01) }],
  ["broken gzip", 400, { headers: plain, body: gzipSync(asking("p")).subarray(0, 12) }],
  [
    "gzip that is not",
    200,
    { headers: { ...plain, "content-encoding": "gzip" }, body: asking("p") },
  ],
  [
    "gzip called identity",
    200,
    { headers: { ...plain, "content-encoding": "identity" }, body: gzipSync(asking("p")) },
  ],
  ["a bomb", 429, { headers: plain, body: gzipSync(Buffer.alloc(40 * 1024 * 1024)) }],
  [
    "a deadline",
    200,
    { headers: { ...plain, "connect-timeout-ms": "60000" }, body: asking("context") },
  ],
  [
    "a deadline reached",
    504,
    { headers: { ...plain, "connect-timeout-ms": "20" }, body: asking("wait") },
  ],
  [
    "a deadline of nothing",
    504,
    { headers: { ...plain, "connect-timeout-ms": "0" }, body: asking("wait") },
  ],
  [
    "a method that is left out",
    501,
    { path: `/${ProjectService.typeName}/ListProjects`, headers: plain },
  ],
])("%s is answered with %i both ways", async (_, status, sent) => {
  expect(await sendBoth(sent)).toMatchObject({ status });
});

test.each<[string, Sent]>([
  ["JSON", { headers: { ...plain, "content-type": "application/json" }, body: Buffer.from("{}") }],
  ["gRPC", { headers: { ...plain, "content-type": "application/grpc" } }],
  ["gRPC-Web", { headers: { ...plain, "content-type": "application/grpc-web+proto" } }],
  ["a stream", { headers: { ...plain, "content-type": "application/connect+proto" } }],
  [
    "a media type with parameters",
    { headers: { ...plain, "content-type": "application/proto; x=1" } },
  ],
  ["no media type", { headers: { authorization } }],
  ["GET", { method: "GET" }],
  ["PUT", { method: "PUT", headers: plain }],
  ["an unknown method", { path: `/${ProjectService.typeName}/Nothing`, headers: plain }],
  ["an unknown service", { path: "/a.B/GetProject", headers: plain }],
  ["a path with a query", { path: `${getProject}?x=1`, headers: plain }],
  ["an unknown compression", { headers: { ...plain, "content-encoding": "br" } }],
  ["a deadline that is none", { headers: { ...plain, "connect-timeout-ms": "1s" } }],
  [
    "a body of unknown length",
    { headers: { ...plain, "transfer-encoding": "chunked" }, body: asking("p") },
  ],
  [
    "a body that is too long",
    { headers: { ...plain, "content-length": String(32 * 1024 * 1024 + 1) } },
  ],
])("%s is left to the stock handler", async (_, { method, path, headers }) => {
  const { port } = short;
  const request = httpRequest({
    port,
    agent: false,
    method: method ?? "POST",
    path: path ?? getProject,
    headers,
  });
  request.on("error", () => undefined);
  request.flushHeaders();
  if (method === "GET" || headers?.["content-length"] === undefined) request.end();
  const [response] = await once(request, "response");
  expect(response.statusCode).toBe(notTaken);
  request.destroy();
});

/** Mostly the first, so that most requests have the form that the short way takes. */
function mostly<Value>(usual: Value, ...others: Value[]): fc.Arbitrary<Value> {
  return fc.oneof(
    { arbitrary: fc.constant(usual), weight: 6 * others.length },
    ...others.map((value) => ({ arbitrary: fc.constant(value), weight: 1 })),
  );
}

test("whatever the short way takes, it answers like the stock handler", async () => {
  const headers = fc.record({
    authorization: mostly(authorization, undefined, "Bearer x"),
    "content-type": mostly("application/proto", "Application/Proto", "application/json", undefined),
    "content-encoding": mostly(undefined, "gzip", "identity", "", "GZIP", "br"),
    "accept-encoding": mostly(undefined, "gzip", "identity", "", "*", "GZIP", "deflate,gzip"),
    "connect-timeout-ms": mostly(undefined, "10000", "0", "", "-1", "99999999999"),
    "connect-protocol-version": mostly("1", "2", undefined),
  });
  const id = fc.oneof(fc.constantFrom(...behaviourNames), fc.string());
  const message = fc.oneof(id.map(asking), fc.uint8Array({ maxLength: 40 }));
  const body = fc.oneof(
    message,
    message.map((bytes) => gzipSync(bytes)),
  );
  const method = mostly("POST", "GET", "PATCH");
  const path = mostly(getProject, `${getProject}?`, `${getProject}/`, getProject.toLowerCase());
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.record({ method, path, headers, body }), async (sent) => {
      const given = Object.entries(sent.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      );
      const headers = { ...Object.fromEntries(given), "content-length": String(sent.body.length) };
      if ((await sendBoth({ ...sent, headers })) !== undefined) taken += 1;
    }),
    { numRuns: 200 },
  );
  expect(taken).toBeGreaterThan(50);
});

test("a caller who leaves aborts the call, both ways", async () => {
  for (const peer of [short, stock]) {
    const [called, aborted] = [peer.next("called"), peer.next("aborted")];
    const { port } = peer;
    const options = { port, path: getProject, method: "POST", headers: plain, agent: false };
    const request = httpRequest(options);
    request.on("error", () => undefined);
    request.end(asking("wait"));
    await called;
    request.destroy();
    await aborted;
  }
});

test("a body that breaks off is no call", async () => {
  const undelivered = short.undelivered();
  const socket = connect(short.port, "127.0.0.1");
  socket.write(
    `POST ${getProject} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/proto\r\ncontent-length: 99\r\n\r\nabc`,
  );
  socket.end();
  expect(ConnectError.from(await undelivered)).toMatchObject({ code: Code.Aborted });
  expect((await send(short, { headers: plain, body: asking("p") })).status).toBe(200);
});

test("a server that closes ends the calls that wait, both ways", async () => {
  const calls = [short, stock].map(async (peer) => {
    const called = peer.next("called");
    const answer = send(peer, { headers: plain, body: asking("wait") });
    await called;
    peer.shutdown.abort(new ConnectError("The devbox is shutting down.", Code.Unavailable));
    return answer;
  });
  const [mine, theirs] = await Promise.all(calls);
  expect(mine).toMatchObject({ status: 503 });
  expect(mine).toEqual(theirs);
});
