import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anonymous, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { sendRaw } from "../support/raw-http.ts";

/**
 * Requests that two readers of HTTP may read differently. Behind the gateway listens an app that writes
 * down each byte it gets, and answers everything with 200.
 */
let gateway: TestGateway;
let app: Server;
let host: string;
let seen = "";

beforeAll(async () => {
  gateway = await startTestGateway();
  app = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      seen += chunk.toString("latin1");
      if (seen.endsWith("\r\n\r\n")) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  }).listen(0, "127.0.0.1");
  await once(app, "listening");
  const { port } = app.address() as AddressInfo;
  host = gateway.add("recorder", () => ({ port }), anonymous);
});
beforeEach(() => {
  seen = "";
});
afterAll(async () => {
  await gateway.close();
  app.close();
});

interface Row {
  readonly name: string;
  /** The line and the headers, each with its ending, `HOST` for the app's. */
  readonly head: string;
  readonly body?: string;
  /** @default 400 */
  readonly status?: number;
}

const post = (headers: string, body = "0\r\n\r\n"): Pick<Row, "head" | "body"> => ({
  head: `POST / HTTP/1.1\r\nHost: HOST\r\n${headers}\r\n`,
  body,
});
const get = (headers: string): Pick<Row, "head"> => ({
  head: `GET / HTTP/1.1\r\nHost: HOST\r\n${headers}\r\n`,
});
const line = (text: string): Pick<Row, "head"> => ({ head: `${text}\r\nHost: HOST\r\n` });
const chunked = (body: string): Pick<Row, "head" | "body"> =>
  post("Transfer-Encoding: chunked\r\n", body);
const hosts = (headers: string): Pick<Row, "head"> => ({
  head: `GET / HTTP/1.1\r\n${headers}`,
});

const smuggled = "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n";

const rows: readonly Row[] = [
  {
    name: "both lengths",
    ...post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`),
  },
  {
    name: "both lengths the other way round",
    ...post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", `0\r\n\r\n${smuggled}`),
  },
  { name: "chunked, identity", ...post("Transfer-Encoding: chunked, identity\r\n") },
  { name: "identity, chunked", ...post("Transfer-Encoding: identity, chunked\r\n") },
  { name: "gzip, chunked", ...post("Transfer-Encoding: gzip, chunked\r\n") },
  { name: "identity", ...post("Transfer-Encoding: identity\r\n", smuggled) },
  { name: "xchunked", ...post("Transfer-Encoding: xchunked\r\n") },
  { name: "chunkedx", ...post("Transfer-Encoding: chunkedx\r\n") },
  { name: "quoted chunked", ...post('Transfer-Encoding: "chunked"\r\n') },
  { name: "chunked with a parameter", ...post("Transfer-Encoding: chunked;q=1\r\n") },
  { name: "chunked twice in a list", ...post("Transfer-Encoding: chunked, chunked\r\n") },
  {
    name: "chunked twice",
    ...post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
  },
  {
    name: "chunked and something else apart",
    ...post("Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n"),
  },
  { name: "a vertical tab before chunked", ...post("Transfer-Encoding: \x0bchunked\r\n") },
  { name: "no transfer encoding", ...post("Transfer-Encoding:\r\n", smuggled) },
  { name: "a transfer encoding on a folded line", ...post("Transfer-Encoding:\r\n chunked\r\n") },
  { name: "a space before the colon", ...post("Transfer-Encoding : chunked\r\n") },
  {
    name: "a transfer encoding of HTTP/1.0",
    head: "POST / HTTP/1.0\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n",
    body: "0\r\n\r\n",
  },
  { name: "two lengths", ...post("Content-Length: 0\r\nContent-Length: 5\r\n", "hello") },
  { name: "the same length twice", ...post("Content-Length: 1\r\nContent-Length: 1\r\n", "a") },
  { name: "a list of lengths", ...post("Content-Length: 1, 1\r\n", "a") },
  { name: "a length with a plus", ...post("Content-Length: +1\r\n", "a") },
  { name: "a length with a minus", ...post("Content-Length: -1\r\n", "a") },
  { name: "a length in hexadecimal", ...post("Content-Length: 0x1\r\n", "a") },
  { name: "a length with zeros before it", ...post("Content-Length: 001\r\n", "a") },
  { name: "a length in two parts", ...post("Content-Length: 1 1\r\n", "a") },
  { name: "an empty length", ...post("Content-Length:\r\n", "") },
  { name: "a length beyond 64 bits", ...post("Content-Length: 18446744073709551617\r\n", "a") },
  { name: "a length of almost 64 bits", ...post("Content-Length: 18446744073709551614\r\n", "a") },
  { name: "a folded header", ...get("X-A: a\r\n b\r\n") },
  { name: "a folded first header", head: "GET / HTTP/1.1\r\n X-A: a\r\nHost: HOST\r\n\r\n" },
  { name: "a bare LF after the line", head: "GET / HTTP/1.1\nHost: HOST\r\n\r\n" },
  { name: "a bare LF after a header", ...get("X-A: a\nX-B: b\r\n") },
  { name: "a bare LF at the end", head: "GET / HTTP/1.1\r\nHost: HOST\r\n\n" },
  { name: "nothing but LF", head: "GET / HTTP/1.1\nHost: HOST\n\n" },
  { name: "a bare CR in a value", ...get("X-A: a\rX-B: b\r\n") },
  { name: "a CR too many", ...get("X-A: a\r\r\n") },
  { name: "a NUL in a value", ...get("X-A: a\0b\r\n") },
  { name: "a NUL in a name", ...get("X\0A: a\r\n") },
  { name: "a NUL in the target", ...line("GET /\0 HTTP/1.1\r\n") },
  { name: "a control character in a value", ...get("X-A: a\x01b\r\n") },
  { name: "a space before a name", ...get(" X-A: a\r\n") },
  { name: "a space before the colon of another header", ...get("X-A : a\r\n") },
  { name: "a tab before the colon", ...get("X-A\t: a\r\n") },
  { name: "an empty name", ...get(": a\r\n") },
  { name: "a header without a colon", ...get("X-A\r\n") },
  { name: "a chunk size with a minus", ...chunked("-1\r\na\r\n0\r\n\r\n") },
  { name: "a chunk size with 0x", ...chunked("0x1\r\na\r\n0\r\n\r\n") },
  { name: "a chunk size with a space after it", ...chunked("1 \r\na\r\n0\r\n\r\n") },
  { name: "a chunk size with a space before it", ...chunked(" 1\r\na\r\n0\r\n\r\n") },
  { name: "an empty chunk size", ...chunked("\r\na\r\n0\r\n\r\n") },
  { name: "a chunk size beyond 64 bits", ...chunked("10000000000000001\r\na\r\n0\r\n\r\n") },
  { name: "a chunk that is longer than its size", ...chunked("1\r\nabc\r\n0\r\n\r\n") },
  { name: "a chunk size that ends with LF", ...chunked("1\na\r\n0\r\n\r\n") },
  { name: "a chunk extension that ends with LF", ...chunked("1;a=b\na\r\n0\r\n\r\n") },
  { name: "a chunk that ends with LF", ...chunked("1\r\na\n0\r\n\r\n") },
  { name: "a last chunk that ends with LF", ...chunked("0\n\n") },
  { name: "two hosts", ...hosts("Host: HOST\r\nHost: other\r\n\r\n") },
  { name: "the same host twice", ...hosts("Host: HOST\r\nhost: HOST\r\n\r\n") },
  { name: "a list of hosts", ...hosts("Host: HOST, HOST\r\n\r\n") },
  { name: "no host", ...hosts("X-A: a\r\n\r\n") },
  { name: "no host in HTTP/1.0", head: "GET / HTTP/1.0\r\n\r\n" },
  { name: "an empty host", ...hosts("Host:\r\n\r\n") },
  { name: "a host with a user", ...hosts("Host: u@HOST\r\n\r\n") },
  { name: "a host with a path", ...hosts("Host: HOST/x\r\n\r\n") },
  { name: "a host with a scheme", ...hosts("Host: http://HOST\r\n\r\n") },
  { name: "a host with two ports", ...hosts("Host: HOST:80\r\n\r\n") },
  { name: "a host with a comment", ...hosts("Host: HOST (x)\r\n\r\n") },
  { name: "HTTP/0.9", head: "GET /\r\n\r\n" },
  { name: "HTTP/0.9 by name", ...line("GET / HTTP/0.9\r\n") },
  { name: "HTTP/1.2", ...line("GET / HTTP/1.2\r\n") },
  { name: "HTTP/2", head: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
  { name: "a version with spaces after it", ...line("GET / HTTP/1.1 \r\n") },
  { name: "a tab in the request line", ...line("GET\t/ HTTP/1.1\r\n") },
  { name: "a target of another host", ...line("GET http://other.localhost/ HTTP/1.1\r\n") },
  {
    name: "a target of another port",
    ...line("GET http://recorder-flytesnacks-development.localhost:1/ HTTP/1.1\r\n"),
  },
  { name: "a target with a user", ...line("GET http://u@HOST/ HTTP/1.1\r\n") },
  { name: "a target of another scheme", ...line("GET ftp://HOST/ HTTP/1.1\r\n") },
  { name: "a target without a slash", ...line("GET x HTTP/1.1\r\n") },
  { name: "a target with a fragment", ...line("GET /#x HTTP/1.1\r\n") },
  { name: "a target with a backslash first", ...line("GET \\x HTTP/1.1\r\n") },
  { name: "a target that is no path", ...line("GET * HTTP/1.1\r\n") },
  { name: "an unknown method", ...line("FOO / HTTP/1.1\r\n") },
  { name: "a method in lower case", ...line("get / HTTP/1.1\r\n") },
  { name: "CONNECT", ...line("CONNECT HOST:80 HTTP/1.1\r\n"), status: 405 },
  { name: "TRACE", ...line("TRACE / HTTP/1.1\r\n"), status: 405 },
  {
    name: "an upgrade with a body",
    ...post("Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n", "abc"),
  },
  {
    name: "a length that is for this connection only",
    ...post("Connection: close, content-length\r\nContent-Length: 44\r\n", smuggled),
  },
  { name: "a host that is for this connection only", ...get("Connection: close, Host\r\n") },
  {
    name: "a credential that is for this connection only",
    ...get("Connection: close, authorization\r\nAuthorization: Bearer x\r\n"),
  },
  { name: "two credentials", ...get("Authorization: Bearer x\r\nAuthorization: Bearer y\r\n") },
  { name: "headers that are too long", ...get(`X-A: ${"a".repeat(33_000)}\r\n`), status: 431 },
  {
    name: "a target that is too long",
    ...line(`GET /${"a".repeat(33_000)} HTTP/1.1\r\n`),
    status: 431,
  },
  { name: "too many headers", ...get("X: y\r\n".repeat(250)), status: 431 },
  { name: "another expectation", ...get("Expect: 200-ok\r\n"), status: 417 },
];

/** Leaves a connection to the app that the next request can be sent on at once. */
async function warm(): Promise<void> {
  await sendRaw(gateway.url, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  seen = "";
}

describe.each([
  ["has no connection yet", async () => undefined],
  ["is connected", warm],
])("an app that %s sees nothing of a request with", (_name, prepare) => {
  beforeEach(prepare);
  test.each(rows)("$name", async ({ head, body = "", status = 400 }) => {
    const ends = head.endsWith("\r\n\r\n") || head.endsWith("\n\n") || head.endsWith("\r\n\n");
    const text = `${head}${ends ? "" : "\r\n"}${body}`.replaceAll("HOST", host);
    const answer = await sendRaw(gateway.url, Buffer.from(text, "latin1"));
    expect(answer.status).toBe(status);
    expect(answer.head).toMatch(/^connection: close\r?$/im);
    expect(answer.head).toMatch(/^content-type: application\/problem\+json\r?$/im);
    expect(JSON.parse(answer.body)).toMatchObject({ status });
    expect(answer.body).not.toContain("HTTP/1.1 200");
    expect(seen).toBe("");
  });
});

describe("what is unusual and clear passes, in one form:", () => {
  const closing = "Connection: close\r\n\r\n";
  const passing: readonly (readonly [name: string, text: string, line: string])[] = [
    [
      "a whole URL",
      `GET http://HOST/x?y HTTP/1.1\r\nHost: HOST\r\n${closing}`,
      "GET /x?y HTTP/1.1",
    ],
    [
      "a URL without a path",
      `GET http://HOST HTTP/1.1\r\nHost: HOST\r\n${closing}`,
      "GET / HTTP/1.1",
    ],
    ["a query alone", `GET http://HOST?a HTTP/1.1\r\nHost: HOST\r\n${closing}`, "GET /?a HTTP/1.1"],
    ["OPTIONS *", `OPTIONS * HTTP/1.1\r\nHost: HOST\r\n${closing}`, "OPTIONS * HTTP/1.1"],
    ["HTTP/1.0 with a host", "GET / HTTP/1.0\r\nHost: HOST\r\n\r\n", "GET / HTTP/1.1"],
    ["empty lines before", `\r\n\r\nGET / HTTP/1.1\r\nHost: HOST\r\n${closing}`, "GET / HTTP/1.1"],
    [
      "CHUNKED",
      `POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: CHUNKED\r\n${closing}0\r\n\r\n`,
      "POST / HTTP/1.1",
    ],
    [
      "chunk extensions",
      `POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n${closing}1;a=b\r\na\r\n0\r\n\r\n`,
      "POST / HTTP/1.1",
    ],
  ];
  test.each(passing)("%s", async (_name, text, first) => {
    const answer = await sendRaw(gateway.url, text.replaceAll("HOST", host));
    expect(answer.status).toBe(200);
    expect(seen.split("\r\n")[0]).toBe(first);
    expect(seen.match(/^host: .*$/gim)).toEqual([`Host: ${host}`]);
    expect(seen.match(/^(?:content-length|transfer-encoding): .*$/gim)?.length ?? 0).toBeLessThan(
      2,
    );
    expect(seen).not.toContain(";a=b");
  });

  test.each(["HOST.", "HOST:1", "RECORDER-flytesnacks-DEVELOPMENT.localhost"])(
    "the host %s",
    async (form) => {
      const name = form.replace("HOST", host.split(":")[0] ?? "");
      const answer = await sendRaw(
        gateway.url,
        `GET / HTTP/1.1\r\nHost: ${name}\r\nX-Forwarded-Host: other\r\n${closing}`,
      );
      expect(answer.status).toBe(200);
      expect(seen).toContain(`Host: ${name}\r\n`);
    },
  );
});

test("a chunk that is broken after the app has begun to read cuts the app off, too", async () => {
  const socket = connect(gateway.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(
    `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n`,
  );
  await expect.poll(() => seen).toContain("first");
  socket.resume().write("zz\r\nsecond\r\n0\r\n\r\n");
  await once(socket, "close");
  await expect.poll(() => gateway.leases).toBe(0);
  expect(seen).not.toMatch(/second|0\r\n\r\n$/);
});

test("a malformed request behind one that is not answered yet gets no answer out of turn", async () => {
  let isAsked = false;
  const slow = gateway.add(
    "slow",
    async (signal) => {
      isAsked = true;
      await delay(600_000, undefined, { signal, ref: false });
      return { port: 9 };
    },
    anonymous,
  );
  const socket = connect(gateway.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
  });
  socket.write(`GET / HTTP/1.1\r\nHost: ${slow}\r\n\r\n`);
  await expect.poll(() => isAsked).toBe(true);
  socket.write("nonsense\r\n\r\n");
  await once(socket, "close");
  expect(answer).toBe("");
});

test("an upgrade behind a request that is not answered yet ends the connection", async () => {
  const slow = gateway.add("slow-too", () => new Promise(() => undefined), anonymous);
  const socket = connect(gateway.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
  });
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${slow}\r\n\r\nGET / HTTP/1.1\r\nHost: ${host}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  await once(socket, "close");
  expect([answer, seen]).toEqual(["", ""]);
});
