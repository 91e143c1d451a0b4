import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  credential,
  describeHostile,
  json,
  type Mode,
  modes,
  runAllowed,
  startFenced,
} from "../support/hostile-rows.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

const chunked = "transfer-encoding: chunked";
const smuggled = "0\r\n\r\nGET /me HTTP/1.1\r\nhost: test\r\n\r\n";

describeHostile("a body framed by", [
  ...(
    [
      ["a length and chunks", [chunked, "content-length: 4"], "0\r\n\r\n"],
      ["chunks and a length", ["content-length: 4", chunked], smuggled],
      ["two lengths", ["content-length: 2", "content-length: 40"], "{}"],
      ["two lengths in one", ["content-length: 2, 2"], "{}"],
      ["a negative length", ["content-length: -1"], "{}"],
      ["a length with a sign", ["content-length: +2"], "{}"],
      ["a length in hexadecimal", ["content-length: 0x2"], "{}"],
      ["a length with a space", ["content-length: 2 2"], "{}"],
      ["a length beyond counting", [`content-length: ${"9".repeat(30)}`], "{}"],
      ["chunks that are not the last encoding", ["transfer-encoding: chunked, identity"], "{}"],
      ["an unknown encoding", ["transfer-encoding: xchunked"], "{}"],
      ["chunks by two headers", [chunked, "transfer-encoding: identity"], "{}"],
      ["a chunk without a size", [chunked], "zz\r\n{}\r\n0\r\n\r\n"],
      ["a chunk longer than said", [chunked], "1\r\n{}\r\n0\r\n\r\n"],
      ["a chunk of a negative size", [chunked], "-2\r\n{}\r\n0\r\n\r\n"],
      ["a chunk beyond counting", [chunked], `${"f".repeat(20)}\r\n{}\r\n0\r\n\r\n`],
      ["chunks by bare newlines", [chunked], "2\n{}\n0\n\n"],
    ] as const
  ).map(([name, headers, tail]) => ({
    name,
    line: runAllowed,
    // The tail stands behind the empty line, so that no length is added for it.
    headers: [...json, ...headers, `\r\n${tail}`],
    status: 400,
  })),
]);

const bigHeaders = Array.from({ length: 400 }, (_, index) => `x-${index}: ${"y".repeat(100)}`);

describeHostile("a head with", [
  { name: "many headers", line: "GET /me", headers: [credential, ...bigHeaders], status: 431 },
  {
    name: "a huge credential",
    line: "GET /me",
    headers: [`authorization: Bearer ${"t".repeat(20_000)}`],
    status: 431,
  },
  {
    name: "a huge cookie",
    line: "GET /me",
    headers: [`cookie: a=${"t".repeat(20_000)}`],
    status: 431,
  },
  { name: "a huge name", line: "GET /me", headers: [`${"n".repeat(20_000)}: x`], status: 431 },
  { name: "a huge target", line: `GET /me?${"x".repeat(20_000)}`, status: 431 },
  { name: "a long target", line: `GET /me?${"x".repeat(9_000)}`, status: 414 },
  { name: "no method", line: "/me", status: 400 },
  { name: "a method of no protocol", line: "HELLO /me", status: 400 },
  { name: "a method in small letters", line: "get /me", status: 400 },
  { name: "a space in its target", line: "GET /me /health", status: 400 },
  { name: "a control character in its target", line: "GET /me\x01", status: 400 },
  { name: "a byte that is no ASCII in its target", line: "GET /run/\u00e9", status: 400 },
]);

for (const text of [
  "HELLO\r\n\r\n",
  "GET /health HTTP/9.9\r\nhost: test\r\n\r\n",
  "GET /health HTTP/1.1\nhost: test\n\n",
  "GET /health HTTP/1.1\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
  "GET /health HTTP/1.1\r\nhost test\r\nconnection: close\r\n\r\n",
  "GET /health HTTP/1.1\r\nhost: test\r\nx:\0\r\nconnection: close\r\n\r\n",
]) {
  test(`${JSON.stringify(text.slice(0, 40))} is no request`, async () => {
    await using webhook = await startFenced("problems");
    expect((await sendRaw(webhook.url, Buffer.from(text, "latin1"))).status).toBe(400);
    expect(webhook.stub.takeMethods()).toEqual([]);
    expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
  });
}

for (const mode of modes) {
  describe(`connections in the mode ${mode}`, () => connections(mode));
}

function connections(mode: Mode): void {
  let webhook: TestWebhook;
  beforeAll(async () => {
    webhook = await startFenced(mode);
  });
  afterAll(() => webhook[Symbol.asyncDispose]());
  afterEach(async () => {
    expect(webhook.stub.takeMethods()).toEqual([]);
    expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
  });

  function open(): Socket {
    const socket = connect(Number(new URL(webhook.url).port), "127.0.0.1");
    socket.on("error", () => {}); // the server may hang up on the rest
    return socket;
  }

  async function statuses(text: string): Promise<readonly number[]> {
    const socket = open();
    let answer = "";
    socket.on("data", (data) => {
      answer += String(data);
    });
    socket.write(text);
    await once(socket, "close");
    return [...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  }

  const get = (path: string, ...headers: readonly string[]): string =>
    [`GET ${path} HTTP/1.1`, "host: test", ...headers, "", ""].join("\r\n");

  test("requests in one go are answered in order, each by its own headers", async () => {
    const text = [
      get("/task/a/b/x", credential),
      get("/me"),
      get("/health"),
      get("/run/%00", credential),
      get("/me", "connection: close"),
    ].join("");
    expect(await statuses(text)).toEqual([403, 401, 200, 400, 401]);
  });

  test("a request inside the body of another is a body", async () => {
    const inner = get("/me", credential);
    const lines = ["POST /task/a/b/c HTTP/1.1", "host: test", "connection: close", ...json, ""];
    const head = lines.join("\r\n");
    const sized = `${head}content-length: ${inner.length}\r\n\r\n${inner}`;
    const size = inner.length.toString(16);
    const inChunks = `${head}${chunked}\r\n\r\n${size}\r\n${inner}\r\n0\r\n\r\n`;
    expect(await statuses(sized)).toEqual([405]);
    expect(await statuses(inChunks)).toEqual([405]);
  });

  test("a GET with a body is answered without it", async () => {
    const inner = get("/me", credential);
    const length = `content-length: ${inner.length}`;
    const text = get("/health", length, "connection: close") + inner;
    expect(await statuses(text)).toEqual([200]);
  });

  test("a body announced as too long is refused before it is sent", async () => {
    const socket = open();
    socket.write(rawRequest(runAllowed, [...json, `content-length: ${100 * 1024 * 1024}`]));
    const [first] = await once(socket, "data");
    expect(String(first)).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test("a too long body is not asked for, one that fits is", async () => {
    for (const [length, invited] of [
      [100 * 1024 * 1024, false],
      [2, true],
    ] as const) {
      const headers = [...json, "expect: 100-continue", `content-length: ${length}`];
      const socket = open();
      socket.write(rawRequest("POST /run-task/a/b/not-allowed", headers));
      const [first] = await once(socket, "data");
      expect(String(first)).toMatch(invited ? /^HTTP\/1\.1 100 / : /^HTTP\/1\.1 413 /);
      socket.destroy();
    }
  });

  test("an expectation nobody knows changes nothing (RFC 9110, 10.1.1)", async () => {
    const answer = await sendRaw(webhook.url, rawRequest("GET /health", ["expect: the best"]));
    expect(answer.status).toBe(200);
  });

  test("a body of 100 MB without a length is refused while it is sent", async () => {
    const socket = open();
    socket.write(rawRequest(runAllowed, [...json, chunked]));
    let answer = "";
    socket.on("data", (data) => {
      answer += String(data);
    });
    const chunk = `100000\r\n${"x".repeat(0x100000)}\r\n`;
    let sent = 0;
    while (answer === "" && sent < 100) {
      sent += 1;
      await new Promise((resolve) => socket.write(chunk, resolve));
    }
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toBeLessThan(100);
    socket.destroy();
  });

  test("a too long body is refused where none is read as well", async () => {
    const huge = `content-length: ${100 * 1024 * 1024}`;
    for (const line of ["POST /run/run-of-allowed/abort", "GET /me", "GET /run/run-of-allowed"]) {
      const answer = await sendRaw(webhook.url, `${rawRequest(line, [credential, huge])}x`);
      expect(`${line} ${answer.status}`).toBe(`${line} 413`);
    }
  });
}

describe("a request that does not arrive", () => {
  for (const [name, text] of [
    ["a body that stops", rawRequest(runAllowed, [...json, "content-length: 100"]).concat("{")],
    ["a body of chunks that stop", rawRequest(runAllowed, [...json, chunked]).concat("1\r\n{\r\n")],
    ["headers that stop", `GET /me HTTP/1.1\r\nhost: test\r\n${credential}\r\n`],
    ["a first line that stops", "GET /he"],
  ] as const) {
    test.concurrent(`is ended by the server: ${name}`, async () => {
      await using webhook = await startTestWebhook({ requestTimeoutMs: 1_000 });
      const answer = await sendRaw(webhook.url, text);
      expect(answer.status).toBe(408);
      expect(JSON.parse(answer.body).code).toBe("request_timeout");
      expect(webhook.stub.takeMethods()).toEqual([]);
      // One that is late itself gets 408.
      await expect.poll(async () => (await fetch(`${webhook.url}/health`)).status).toBe(200);
    });
  }

  test("has a time that is checked", async () => {
    for (const requestTimeoutMs of [0, -1, 1.5, Number.NaN, 3_600_001]) {
      await expect(startTestWebhook({ requestTimeoutMs })).rejects.toThrow(/^requestTimeoutMs /);
    }
  });
});
