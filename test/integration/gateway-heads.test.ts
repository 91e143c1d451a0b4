import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import { anonymous, httpApp, startTestGateway, useTestGateway } from "../support/gateway.ts";
import { sendRaw } from "../support/raw-http.ts";

const made = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const gateway = useTestGateway();

/** Sends a request with these header lines, and a body of their length. */
function send(host: string, lines: readonly string[], body = "", method = "GET") {
  const head = [`${method} / HTTP/1.1`, `Host: ${host}`, "Connection: close", ...lines];
  return sendRaw(gateway.url, `${head.join("\r\n")}\r\n\r\n${body}`);
}

const header = (head: string, name: string): string[] =>
  [...head.matchAll(new RegExp(`^${name}: (.*?)\\r?$`, "gim"))].map(([, value]) => value ?? "");

describe("the id of a request", () => {
  /** An app that says which ids it got. */
  const app = () =>
    httpApp((request, response) => {
      const ids: string[] = [];
      const { rawHeaders } = request;
      for (let at = 0; at < rawHeaders.length; at += 2) {
        if (/^x.request.id$/i.test(rawHeaders[at] ?? "")) ids.push(rawHeaders[at + 1] ?? "");
      }
      if (request.url === "/own") response.setHeader("x-request-id", "mine");
      response.end(JSON.stringify(ids));
    });

  test("that is plain reaches the app and comes back", async () => {
    const place = await app();
    const answer = await send(
      gateway.add("id-given", () => place, anonymous),
      ["X-Request-Id: a-1"],
    );
    expect(header(answer.head, "x-request-id")).toEqual(["a-1"]);
    expect(answer.body).toContain('["a-1"]');
  });

  test.each([
    ["absent", []],
    ["not plain", ["X-Request-Id: a b"]],
    ["sent twice", ["X-Request-Id: a", "X-Request-Id: b"]],
    ["named otherwise", ["X_Request_Id: a"]],
  ])("that is %s is made", async (name, lines) => {
    const place = await app();
    const answer = await send(
      gateway.add(`id-${name.replaceAll(" ", "-")}`, () => place, anonymous),
      lines,
    );
    const [id = "", ...others] = header(answer.head, "x-request-id");
    expect(id).toMatch(made);
    expect(others).toEqual([]);
    expect(answer.body).toContain(JSON.stringify([id]));
  });

  test("that the app answers with is left", async () => {
    const place = await httpApp((_, response) => response.setHeader("x-request-id", "own").end());
    const answer = await send(
      gateway.add("id-own", () => place, anonymous),
      ["X-Request-Id: a-1"],
    );
    expect(header(answer.head, "x-request-id")).toEqual(["own"]);
  });

  test("is in a problem document, too", async () => {
    const answer = await send("nobody.localhost", ["X-Request-Id: a-1"]);
    expect(header(answer.head, "x-request-id")).toEqual(["a-1"]);
    expect(JSON.parse(answer.body)).toMatchObject({ code: "not_found", requestId: "a-1" });
  });
});

test("headers that do not come in time are a 408, and the end of the connection", async () => {
  await using impatient = await startTestGateway({ headersTimeoutMs: 100 });
  const answer = await sendRaw(impatient.url, "GET / HTTP/1.1\r\nHost: a.localhost\r\nX-A: ");
  expect(answer.status).toBe(408);
  expect(JSON.parse(answer.body)).toMatchObject({ code: "request_timeout" });
});

describe("a request that would rather speak HTTP/2", () => {
  const wish = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMA"];
  let seen: string[] = [];
  let host = "";
  let hosts = 0;
  beforeEach(async () => {
    seen = [];
    const place = await httpApp(async (request, response) => {
      const { upgrade, "http2-settings": settings } = request.headers;
      const body = await text(request);
      seen.push(`${request.method} ${request.url} ${upgrade} ${settings} ${body}`);
      response.end("plain");
    });
    hosts += 1;
    host = gateway.add(`h2c-${hosts}`, () => place, anonymous);
  });
  const ask = (lines: readonly string[], body: string, method = "POST") =>
    sendRaw(
      gateway.url,
      `${[`${method} /x HTTP/1.1`, `Host: ${host}`, ...wish, ...lines].join("\r\n")}\r\n\r\n${body}`,
    );

  test.each([
    ["a length", ["Content-Length: 4"], "body"],
    ["chunks", ["Transfer-Encoding: chunked"], "4\r\nbody\r\n0\r\n\r\n"],
  ])("is served as it is, with a body of %s", async (_name, lines, body) => {
    const answer = await ask(lines, body);
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining("plain")]);
    expect(header(answer.head, "connection")).toEqual(["close"]);
    expect(seen).toEqual(["POST /x undefined undefined body"]);
  });

  test("may send its body later, and in parts", async () => {
    const socket = connect(gateway.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    const lines = [`POST /x HTTP/1.1`, `Host: ${host}`, ...wish, "Content-Length: 8"];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    await expect.poll(() => gateway.leases).toBe(1);
    socket.write("four");
    socket.write("four");
    await once(socket, "close");
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(seen).toEqual(["POST /x undefined undefined fourfour"]);
  });

  test("may wait for a 100", async () => {
    const socket = connect(gateway.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    const lines = [`POST /x HTTP/1.1`, `Host: ${host}`, ...wish, "Content-Length: 4"];
    socket.write(`${lines.join("\r\n")}\r\nExpect: 100-continue\r\n\r\n`);
    await expect.poll(() => answer).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("body");
    await once(socket, "close");
    expect(answer).toContain("HTTP/1.1 200 OK");
    expect(seen).toEqual(["POST /x undefined undefined body"]);
  });

  test("is the last of its connection", async () => {
    const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const answer = await ask(["Content-Length: 4"], `body${smuggled}${smuggled}`);
    expect(`${answer.head}${answer.body}`.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(seen).toEqual(["POST /x undefined undefined body"]);
    const empty = await ask([], smuggled, "GET");
    expect(`${empty.head}${empty.body}`.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(seen.slice(1)).toEqual(["GET /x undefined undefined "]);
  });

  test.each([
    ["both lengths", ["Content-Length: 4", "Transfer-Encoding: chunked"], "0\r\n\r\n"],
    ["two lengths", ["Content-Length: 4", "Content-Length: 5"], "body"],
    ["another coding", ["Transfer-Encoding: gzip, chunked"], "0\r\n\r\n"],
    ["a broken chunk", ["Transfer-Encoding: chunked"], "zz\r\nbody\r\n0\r\n\r\n"],
    ["a length for this connection", ["Connection: content-length", "Content-Length: 4"], "body"],
    ["two hosts", ["Host: other.localhost"], ""],
  ])("is refused with %s like any other", async (_name, lines, body) => {
    const answer = await ask(lines, body);
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain("HTTP/1.1 200");
    expect(seen).toEqual([]);
  });
});
