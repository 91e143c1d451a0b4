import { once } from "node:events";
import { request as createRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { anonymous, httpApp, rawApp, useTestGateway } from "../support/gateway.ts";
import { sendRaw } from "../support/raw-http.ts";

const gateway = useTestGateway();

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly trailers: IncomingMessage["trailers"];
  readonly body: string;
}

async function ask(host: string, options: RequestOptions = {}, body = ""): Promise<Answer> {
  const { headers, ...rest } = options;
  const request = createRequest(gateway.url, {
    agent: false,
    ...rest,
    headers: { host, ...(headers as Record<string, string>) },
  });
  request.end(Buffer.from(body)); // as text it would decide how the headers are encoded
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  return {
    body: await text(answer),
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    rawHeaders: answer.rawHeaders,
    trailers: answer.trailers,
  };
}

test("method, path, query, headers and body reach the app as they are, and its answer the client", async () => {
  const app = await httpApp(async (request, response) => {
    const body = await text(request);
    response.writeHead(418, "Teapot", [
      ["Content-Type", "text/plain"],
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
      ["X-Saw", JSON.stringify([request.method, request.url, request.headers.host, body])],
    ]);
    response.end(`${request.headers["x-mine"]} ${request.headers.authorization}`);
  });
  const host = gateway.add("echo", () => app, anonymous);
  const answer = await ask(
    host,
    {
      method: "PUT",
      path: "/a%2Fb/../c?x=1&x=%20",
      headers: { "x-mine": "é", authorization: "Basic x" },
    },
    "body",
  );
  expect(answer.status).toBe(418);
  expect(JSON.parse(String(answer.headers["x-saw"]))).toEqual([
    "PUT",
    "/a%2Fb/../c?x=1&x=%20",
    host,
    "body",
  ]);
  expect(answer.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  expect(answer.body).toBe("é Basic x");
  await expect.poll(() => gateway.leases).toBe(0);
});

test("a HEAD has the length of the answer that it does not have", async () => {
  const app = await httpApp((_request, response) => response.setHeader("content-length", 7).end());
  const answer = await ask(
    gateway.add("head", () => app, anonymous),
    { method: "HEAD" },
  );
  expect(answer.headers["content-length"]).toBe("7");
  expect(answer.body).toBe("");
});

test.each([204, 304])("a %i has no body and no framing", async (status) => {
  const app = await httpApp((_request, response) => response.writeHead(status).end());
  const host = gateway.add(`empty-${status}`, () => app, anonymous);
  const answer = await sendRaw(
    gateway.url,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
  expect(answer.status).toBe(status);
  expect(answer.head).not.toMatch(/content-length|transfer-encoding/i);
  expect(answer.body).toBe("");
});

test("chunks and trailers pass both ways", async () => {
  const app = await httpApp(async (request, response) => {
    const body = await text(request);
    response.setHeader("trailer", "x-sum");
    response.write(`${request.headers["transfer-encoding"]} ${body} `);
    response.addTrailers({ "x-sum": String(request.trailers["x-count"]) });
    response.end("end");
  });
  const host = gateway.add("trailers", () => app, anonymous);
  const request = createRequest(gateway.url, {
    agent: false,
    method: "POST",
    headers: { host, trailer: "x-count", "transfer-encoding": "chunked" },
  });
  request.write("one,");
  request.addTrailers({ "x-count": "2", "X-Flyte-User-Subject": "alice" });
  request.end("two");
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  expect(await text(answer)).toBe("chunked one,two end");
  expect(answer.trailers).toEqual({ "x-sum": "2" });
});

test("early hints pass before the answer", async () => {
  const app = await httpApp((_request, response) => {
    response.writeEarlyHints({ link: "</a.css>; rel=preload" });
    response.end("late");
  });
  const host = gateway.add("hints", () => app, anonymous);
  const answer = await sendRaw(
    gateway.url,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
  expect(answer.status).toBe(103);
  expect(answer.head).toContain("</a.css>; rel=preload");
  expect(answer.body).toMatch(/^HTTP\/1\.1 200 OK/);
});

test("a body that waits for a 100 gets it once the app is there, and the app does not see the wish", async () => {
  const app = await httpApp(async (request, response) => {
    response.end(`${request.headers.expect} ${await text(request)}`);
  });
  const host = gateway.add("expect", () => app, anonymous);
  const request = createRequest(gateway.url, {
    agent: false,
    method: "POST",
    headers: { host, expect: "100-continue", "content-length": 4 },
  });
  request.flushHeaders();
  await once(request, "continue");
  request.end("body");
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  expect(await text(answer)).toBe("undefined body");
});

test("pipelined requests are answered in their order, and the connection goes on after a problem", async () => {
  let later: (() => void) | undefined;
  const app = await httpApp((request, response) => {
    if (request.url === "/1") later = () => response.end("one");
    else {
      response.end("two");
      later?.();
    }
  });
  const host = gateway.add("pipeline", () => app, anonymous);
  const to = (name: string, path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${name}\r\n`;
  const answer = await sendRaw(
    gateway.url,
    `${to(host, "/1")}\r\n${to("nobody.localhost", "/")}\r\n${to(host, "/2")}Connection: close\r\n\r\n`,
  );
  expect(`${answer.head}${answer.body}`.match(/HTTP\/1\.1 \d+|one|two/g)).toEqual([
    "HTTP/1.1 200",
    "one",
    "HTTP/1.1 404",
    "HTTP/1.1 200",
    "two",
  ]);
});

test("a client that leaves ends the request in the app and gives the place back", async () => {
  let isGone = false;
  const app = await httpApp((request, response) => {
    response.write("begun");
    request.socket.once("close", () => {
      isGone = true;
    });
  });
  const host = gateway.add("leave", () => app, anonymous);
  const request = createRequest(gateway.url, { agent: false, headers: { host } }).end();
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  await once(answer, "data");
  expect(gateway.leases).toBe(1);
  answer.destroy();
  await expect.poll(() => isGone).toBe(true);
  await expect.poll(() => gateway.leases).toBe(0);
});

test("a client that leaves while the app starts ends the wait", async () => {
  let reason: unknown;
  const host = gateway.add(
    "sleeping",
    (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
          reject(signal.reason);
        });
        request.destroy();
      }),
    anonymous,
  );
  const request = createRequest(gateway.url, { agent: false, headers: { host } });
  request.on("error", () => undefined).end();
  await expect.poll(() => reason).toBeDefined();
});

test("an answer that breaks off in the app breaks off for the client", async () => {
  const app = await rawApp((socket) => {
    socket.once("data", () => {
      socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    });
  });
  const host = gateway.add("broken", () => app, anonymous);
  await expect(ask(host)).rejects.toThrow(/aborted|ECONNRESET/);
  // To whom the end of the connection would be the end of the answer.
  const old = sendRaw(gateway.url, `GET / HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
  await expect(old).rejects.toThrow(/ECONNRESET/);
  await expect.poll(() => gateway.leases).toBe(0);
});

test("what was not sent goes to another replica, what was sent only if that is harmless", async () => {
  const closed = new AbortController();
  closed.abort();
  const dead = { port: 9, ended: closed.signal }; // The port of discard, which nothing serves.
  let hangUps = 0;
  const broken = await rawApp((socket) => {
    socket.once("data", () => {
      hangUps += 1;
      socket.destroy();
    });
  });
  const ended = { ...broken, ended: closed.signal };
  const alive = await httpApp(async (request, response) => response.end(await text(request)));
  const turns = (first: { port: number }) => {
    let asked = 0;
    return () => (asked++ === 0 ? first : alive);
  };
  const post = { method: "POST" };
  const refused = gateway.add("refused", turns(dead), anonymous);
  expect(await ask(refused, post, "kept")).toMatchObject({ status: 200, body: "kept" });
  const get = gateway.add("hang-up-get", turns(ended), anonymous);
  expect(await ask(get)).toMatchObject({ status: 200 });
  const sent = gateway.add("hang-up-post", turns(ended), anonymous);
  const answer = await ask(sent, post, "once");
  expect(answer).toMatchObject({ status: 502 });
  expect(JSON.parse(answer.body)).toMatchObject({ code: "bad_gateway", status: 502 });
  expect(hangUps).toBe(2);
});
