import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createWebhookLink } from "../../src/devbox/server/webhook-link.ts";
import { startDevbox } from "../../src/devbox/start-devbox.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";

/** A webhook that keeps what it was asked and answers what a test wants. */
interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

const json: Respond = (_, response) => {
  response.setHeader("content-type", "application/json").end('{"ok":true}');
};

const asked: Asked[] = [];
let respond: Respond = json;
let address: string | undefined;

const webhook = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { method = "", url = "", headers } = request;
    asked.push({ method, target: url, headers, body: Buffer.concat(chunks).toString() });
    respond(request, response);
  });
});

let devbox: Awaited<ReturnType<typeof startDevbox>>;
let webhookUrl: string;

beforeAll(async () => {
  webhook.listen(0, "127.0.0.1");
  await once(webhook, "listening");
  webhookUrl = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}`;
  devbox = await startDevbox({ state: "memory", port: 0, webhookUrl: () => address });
});

afterAll(async () => {
  await devbox.close();
  webhook.closeAllConnections();
  webhook.close();
});

beforeEach(() => {
  asked.length = 0;
  respond = json;
  address = webhookUrl;
});

const hostOfDevbox = (): string => new URL(devbox.url).host;

/** A request to the devbox, and what came of it there and at the webhook. */
async function ask(line: string, headers: readonly string[] = [], body = "") {
  const raw = rawRequest(line, headers, body).replace(/^host: .*$/im, `host: ${hostOfDevbox()}`);
  const answer = await sendRaw(devbox.url, Buffer.from(raw));
  const isJson = /^content-type: application\/(?:problem\+)?json/im.test(answer.head);
  return {
    ...answer,
    document: isJson && answer.body !== "" ? JSON.parse(answer.body) : undefined,
  };
}

const credential = "authorization: Bearer key";

describe("what is passed on", () => {
  test.each([
    ["GET /webhook/inspect", "/inspect"],
    ["GET /webhook/inspect/deliveries?hook=github", "/inspect/deliveries?hook=github"],
    ["GET /webhook/inspect/audit?limit=5&before=17", "/inspect/audit?limit=5&before=17"],
    ["POST /webhook/inspect/decision", "/inspect/decision"],
    [
      "POST /webhook/inspect/deliveries/github/-a.b_C~1/replay",
      "/inspect/deliveries/github/-a.b_C~1/replay",
    ],
  ])("is %s, as %s", async (line, target) => {
    const body = line.startsWith("POST") ? '{"endpoint":"me"}' : "";
    const { status, document } = await ask(line, [credential], body);
    expect([status, document]).toEqual([200, { ok: true }]);
    expect(asked).toMatchObject([{ method: line.split(" ")[0], target, body }]);
  });

  test("are three headers of the request, and no others", async () => {
    await ask(
      "POST /webhook/inspect/decision",
      [
        credential,
        "accept: application/json",
        "content-type: application/json",
        "cookie: session=planted",
        "x-forwarded-for: 203.0.113.7",
        "x-request-id: chosen",
        "idempotency-key: planted",
        "te: trailers",
      ],
      "{}",
    );
    const names = Object.keys(asked[0]?.headers ?? {}).sort();
    expect(names).toEqual([
      "accept",
      "authorization",
      "connection",
      "content-length",
      "content-type",
      "host",
    ]);
    expect(asked[0]?.headers.authorization).toBe("Bearer key");
  });

  test("are the status, four headers and the JSON of the answer, and no others", async () => {
    respond = (_, response) => {
      response.writeHead(403, {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        "www-authenticate": "Bearer",
        "x-request-id": "an-id",
        "set-cookie": "planted=1",
        "access-control-allow-origin": "*",
        location: "https://evil.example",
        "content-location": "https://evil.example/inspect",
        "clear-site-data": '"*"',
        link: "<https://evil.example>; rel=preload",
      });
      response.end('{"code":"not_allowlisted"}');
    };
    const { status, head, document } = await ask("GET /webhook/inspect/audit", [credential]);
    expect([status, document]).toEqual([403, { code: "not_allowlisted" }]);
    expect(head).toMatch(/^x-request-id: an-id\r?$/m);
    expect(head).toMatch(/^www-authenticate: Bearer\r?$/m);
    expect(head).toMatch(/^x-content-type-options: nosniff\r?$/m);
    expect(head).toMatch(/^content-security-policy: default-src 'none'; sandbox\r?$/m);
    expect(head).not.toMatch(/planted|evil|access-control|clear-site/i);
  });

  test.each(["", "/", "/a/b", "/a/b/"])("is where the devbox says that it is: %j", async (path) => {
    address = `${webhookUrl}${path}`;
    const { status, head } = await ask("GET /webhook", []);
    const told = `${webhookUrl}${path.replace(/\/$/, "")}`;
    expect(status).toBe(204);
    expect(head.match(/^content-location: .*$/gim)).toEqual([`content-location: ${told}`]);
    expect(asked).toEqual([]);
    expect((await ask("POST /webhook", [])).status).toBe(404);
    expect((await ask("GET /webhook", ["sec-fetch-site: cross-site"])).status).toBe(403);
  });

  test("is the same over HTTP/2", async () => {
    const session = connectHttp2(devbox.url);
    const stream = session.request({
      ":path": "/webhook/inspect/decision",
      ":method": "POST",
      authorization: "Bearer key",
      "content-type": "application/json",
    });
    stream.end('{"endpoint":"me"}');
    const [headers] = (await once(stream, "response")) as [Readonly<Record<string, unknown>>];
    stream.resume();
    await once(stream, "end");
    session.close();
    expect(headers[":status"]).toBe(200);
    expect(asked).toMatchObject([{ target: "/inspect/decision", body: '{"endpoint":"me"}' }]);
  });
});

describe("what is not passed on", () => {
  test.each([
    ["GET /webhook/", 404],
    ["GET /webhook/me", 404],
    ["GET /webhook/inspector", 404],
    ["POST /webhook/run-task/development/flytesnacks/a", 404],
    ["GET /webhook/hooks/github", 404],
    ["GET /webhook/../inspect", 404],
    ["GET /webhook%2Finspect", 404],
    ["GET /webhook//inspect", 404],
    ["GET /webhook/./inspect", 404],
    ["GET //webhook/inspect", 404],
    ["GET /webhook/inspect/", 400],
    ["GET /webhook/inspect/..", 400],
    ["GET /webhook/inspect/../me", 400],
    ["GET /webhook/inspect/./../me", 400],
    ["GET /webhook/inspect//me", 400],
    ["GET /webhook/inspect/%2e%2e/me", 400],
    ["GET /webhook/inspect/..%2fme", 400],
    ["GET /webhook/inspect/..%5cme", 400],
    ["GET /webhook/inspect/..\\me", 400],
    ["GET /webhook/inspect/..;/me", 400],
    ["GET /webhook/inspect/a@evil.example", 400],
    ["GET /webhook/inspect/a:80", 400],
    ["GET /webhook/inspect/%0d%0aHost:evil", 400],
    ["GET /webhook/inspect/\u00e9", 400],
    ["GET /webhook/inspect?a=b#c", 400],
    ['GET /webhook/inspect?a="b"', 400],
    ["GET /webhook/inspect?a=<b>", 400],
    ["GET /webhook/inspect?a=\\b", 400],
    ["GET /webhook/inspect?a=\u00e9", 400],
    [`GET /webhook/inspect?${"a".repeat(5000)}`, 400],
    ["GET /webhook/inspect/a/b/c/d/e/f", 400],
    ["PUT /webhook/inspect", 405],
    ["DELETE /webhook/inspect", 405],
    ["OPTIONS /webhook/inspect", 405],
    ["HEAD /webhook/inspect", 405],
    ["PATCH /webhook/inspect", 405],
    ["TRACE /webhook/inspect", 405],
  ])("is %s: %i", async (line, expected) => {
    const { status } = await ask(line, [credential]);
    expect(status).toBe(expected);
    expect(asked).toEqual([]);
  });

  test.each([
    ["origin: https://evil.example"],
    ["origin: null"],
    ["origin: http://127.0.0.1:1"],
    ["sec-fetch-site: cross-site"],
    ["sec-fetch-site: same-site"],
  ])("is a request of another site: %s", async (header) => {
    for (const method of ["GET", "POST"]) {
      const { status, document } = await ask(`${method} /webhook/inspect`, [credential, header]);
      expect([status, document.code]).toEqual([403, "cross_site"]);
    }
    expect(asked).toEqual([]);
  });

  test("is a request under a name that is not this machine's", async () => {
    const request = `GET /webhook/inspect HTTP/1.1\r\nhost: evil.example\r\n${credential}\r\nconnection: close\r\n\r\n`;
    expect((await sendRaw(devbox.url, request)).status).toBe(421);
    expect(asked).toEqual([]);
  });

  test("is a body that is too long, announced or not", async () => {
    const long = "x".repeat(1024 * 1024 + 1);
    const { status, document } = await ask("POST /webhook/inspect/decision", [credential], long);
    expect([status, document.code]).toEqual([413, "payload_too_large"]);
    expect(asked).toEqual([]);
  });

  test("the console's own requests are", async () => {
    const headers = [credential, `origin: ${devbox.url}`, "sec-fetch-site: same-origin"];
    expect((await ask("POST /webhook/inspect/decision", headers, "{}")).status).toBe(200);
  });
});

describe("an answer that is none of a webhook", () => {
  test.each<[string, Respond]>([
    [
      "a redirect",
      (_, response) => response.writeHead(307, { location: "https://evil.example/" }).end(),
    ],
    [
      "a page",
      (_, response) =>
        response.setHeader("content-type", "text/html").end("<script>alert(1)</script>"),
    ],
    ["nothing that says what it is", (_, response) => response.end('{"ok":true}')],
    [
      "compressed",
      (_, response) =>
        response
          .writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" })
          .end("xx"),
    ],
    [
      "too long",
      (_, response) => {
        response.setHeader("content-type", "application/json");
        response.end(`"${"x".repeat(9 * 1024 * 1024)}"`);
      },
    ],
    [
      "cut off",
      (_, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
        response.write("{", () => response.destroy());
      },
    ],
    ["no answer at all", (request) => request.socket.destroy()],
  ])("is 502 where it is %s", async (_, answer) => {
    respond = answer;
    const { status, document, head, body } = await ask("GET /webhook/inspect", [credential]);
    expect([status, document.code]).toEqual([502, "webhook_unreachable"]);
    expect(head + body).not.toMatch(/evil|alert/);
    expect(head + body).not.toContain(webhookUrl);
  });
});

test("without a webhook it is 404, and with one that is away 502", async () => {
  address = undefined;
  const none = await ask("GET /webhook/inspect", [credential]);
  expect([none.status, none.document.code]).toEqual([404, "no_webhook"]);
  const nowhere = await ask("GET /webhook", []);
  expect(nowhere.status).toBe(204);
  expect(nowhere.head).not.toMatch(/content-location/i);
  address = "http://127.0.0.1:1";
  const away = await ask("GET /webhook/inspect", [credential]);
  expect([away.status, away.document.code]).toEqual([502, "webhook_unreachable"]);
  for (const bad of ["file:///etc/passwd", "http://user:secret@127.0.0.1", "nonsense", ""]) {
    address = bad;
    expect((await ask("GET /webhook/inspect", [credential])).document.code).toBe("no_webhook");
  }
  expect(asked).toEqual([]);
});

test("a webhook that does not answer is 504, and a body that does not come 408", async () => {
  respond = () => undefined;
  const link = createWebhookLink({ address: () => webhookUrl, timeoutMs: 200 });
  const server = createServer((request, response) => void link(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const silent = await createCaller(url).get("/webhook/inspect");
  expect([silent.status, silent.body.code]).toEqual([504, "deadline_exceeded"]);
  const head = "POST /webhook/inspect HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\n\r\n{";
  const slow = await sendRaw(url, head);
  expect([slow.status, slow.body]).toEqual([408, expect.stringContaining("request_timeout")]);
  server.close();
});

test("who goes away leaves no request to the webhook behind", async () => {
  let closed: Promise<unknown> | undefined;
  const began = new Promise<void>((resolve) => {
    respond = (_, response) => {
      closed = once(response, "close");
      resolve();
    };
  });
  const controller = new AbortController();
  const asking = fetch(`${devbox.url}/webhook/inspect`, { signal: controller.signal });
  await began;
  controller.abort();
  await expect(asking).rejects.toThrow();
  await closed;
});

test.each([
  ["ftp://127.0.0.1", "is no http or https address"],
  ["127.0.0.1:8080", "is no http or https address"],
  ["http://user@127.0.0.1", "must not hold credentials"],
  ["https://user:secret@webhook.example.com", "must not hold credentials"],
  ["http://127.0.0.1/?a=b", "must not have a query"],
  ["http://webhook.example.com", "is plain HTTP to another machine"],
  ["http://203.0.113.7:8080", "is plain HTTP to another machine"],
])("a devbox does not start with the webhook %s, which %s", async (url, rule) => {
  const starting = startDevbox({ state: "memory", port: 0, webhookUrl: url });
  await expect(starting).rejects.toMatchObject({ code: "invalid_config" });
  await expect(starting).rejects.toThrow(rule);
  await expect(starting).rejects.not.toThrow(/secret/);
});

test("dev tells its devbox of its webhook, lets alice look, and keeps an audit log", async () => {
  const dev = ["dev", "--port", "0", "--devbox-port", "0", "--no-tasks"];
  await using server = await ServerProcess.start([
    ...dev,
    "--state",
    "memory",
    "--inspectors",
    "carol",
  ]);
  const { controlPlane, keys } = server.ready;
  const [alice, bob] = ["alice", "bob"].map((user) => createCaller(controlPlane, keys[user]));
  expect((await alice?.get("/webhook/inspect"))?.body).toMatchObject({
    inspector: true,
    audit: true,
    allowlists: { task: null },
  });
  expect((await bob?.get("/webhook/inspect"))?.body.inspector).toBe(false);
  expect((await bob?.get("/webhook/inspect/audit"))?.status).toBe(403);
  const audit = await alice?.get("/webhook/inspect/audit");
  expect(audit?.body.lines.length).toBeGreaterThan(0);
  // A devbox that is told of a webhook elsewhere asks that one.
  const own = ["devbox", "--port", "0", "--state", "memory", "--webhook", server.ready.webhook];
  await using other = await ServerProcess.start(own);
  const through = createCaller(other.ready.controlPlane, keys["alice"]);
  expect((await through.get("/webhook/inspect")).body.inspector).toBe(true);
  expect(other.ready.webhook).toBe(server.ready.webhook);
});

test("endpoints that are chosen for dev are all it serves", async () => {
  const dev = ["dev", "--port", "0", "--devbox-port", "0", "--no-tasks", "--state", "memory"];
  await using server = await ServerProcess.start([...dev, "--endpoint-group", "core"]);
  const { controlPlane, keys } = server.ready;
  const answer = await createCaller(controlPlane, keys["alice"]).get("/webhook/inspect");
  expect([answer.status, answer.body.code]).toEqual([404, "endpoint_not_found"]);
  const address = await createCaller(controlPlane).get("/webhook");
  expect(address.headers.get("content-location")).toBe(server.ready.webhook);
});
