import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

/** What people send who are not friends. Nothing of it may reach the control plane. */
let webhook: TestWebhook;

beforeAll(async () => {
  webhook = await startTestWebhook({
    taskAllowlist: ["b/c", "development/flytesnacks/allowed.main"],
    appAllowlist: ["my-app"],
  });
});

afterAll(() => webhook[Symbol.asyncDispose]());

afterEach(() => {
  expect(webhook.stub.takeMethods()).toEqual([]);
});

const credential = "authorization: Bearer key";
const json = [credential, "content-type: application/json"];
const run = "POST /run-task/development/flytesnacks/allowed.main";

async function send(line: string, headers: readonly string[] = [credential], body = "") {
  const answer = await sendRaw(webhook.url, rawRequest(line, headers, body));
  expect(answer.head).toMatch(/^content-type: application\/problem\+json\r?$/m);
  const document = JSON.parse(answer.body);
  expect(document.status).toBe(answer.status);
  return document;
}

describe("addresses that guards and routers read in different ways", () => {
  const table: readonly (readonly [path: string, status: number])[] = [
    ["/run-task/a%2Fb/c/d", 400],
    ["/run-task/a%2fb/c", 404],
    ["/run-task/x%2Fb/c", 404],
    ["/run-task/a/b/..%2fc", 400],
    ["/run-task/a/b/c%252Fd", 400],
    ["/run-task/a/b/c%5Cd", 400],
    ["/run-task/a/b/c%00", 400],
    ["/run-task/a/b/c%E2%80%AE", 400],
    ["/run-task/a/b/cafe%CC%81", 400],
    ["/run-task/a/b/%zz", 400],
    ["/run-task/a/b/%ff", 400],
    ["/run-task/a/b/..", 400],
    ["/run-task/a/b/.", 400],
    ["/run-task/a/b/%2e%2e", 400],
    ["/run-task/a/../b/c", 404],
    ["/run-task//b/c", 400],
    ["/run-task/a/b/", 400],
    ["//run-task/a/b/c", 404],
    ["/run-task/a/b/c/..%2f..%2fd", 404],
    ["/RUN-TASK/a/b/c", 404],
    ["/run-task/a/b/c;x=1", 403],
    ["/run-task/a/b/C", 403],
    ["/run-task/a/b/c%20", 400],
    [`/run-task/a/b/${"c".repeat(300)}`, 400],
    [`/run-task/a/b/c?x=${"y".repeat(9000)}`, 414],
    ["http://evil.example/run-task/a/b/c", 400],
    ["*", 404],
  ];
  for (const [path, status] of table) {
    test(`${path.slice(0, 50)} is ${status}`, async () => {
      expect((await send(`POST ${path}`, json, "{}")).status).toBe(status);
    });
  }

  test("a fragment in the target is refused", async () => {
    expect((await send("GET /run/abc#/../../me")).status).toBe(400);
  });
});

describe("the one media type", () => {
  const refused: readonly (readonly [name: string, headers: readonly string[]])[] = [
    ["none", []],
    ["empty", ["content-type:"]],
    ["text/plain", ["content-type: text/plain"]],
    ["a form", ["content-type: application/x-www-form-urlencoded"]],
    ["an upload", ["content-type: multipart/form-data; boundary=x"]],
    ["a suffix", ["content-type: application/vnd.api+json"]],
    ["a longer name", ["content-type: application/jsonx"]],
    ["trailing text", ["content-type: application/json garbage"]],
    ["a trailing tab and text", ["content-type: application/json\tx"]],
    ["a comma list", ["content-type: application/json, text/plain"]],
    ["another charset", ["content-type: application/json; charset=utf-16"]],
    ["another parameter", ["content-type: application/json; boundary=x"]],
    ["twice", ["content-type: application/json", "content-type: application/json"]],
    ["two kinds", ["content-type: application/json", "content-type: multipart/form-data"]],
    ["gzip", ["content-type: application/json", "content-encoding: gzip"]],
  ];
  for (const [name, headers] of refused) {
    test(`${name} is 415`, async () => {
      expect((await send(run, [credential, ...headers], '{"x":1}')).status).toBe(415);
    });
  }
});

describe("the spellings of the one media type", () => {
  for (const type of [
    "application/json",
    "Application/JSON",
    "application/json;charset=utf-8",
    "application/json; charset=UTF-8",
    'application/json; charset="utf-8"',
  ]) {
    test(`${type} is read`, async () => {
      expect((await send(run, [credential, `content-type: ${type}`], "[]")).status).toBe(422);
    });
  }

  test("a body where none is expected is not looked at", async () => {
    const form = [credential, "content-type: application/x-www-form-urlencoded"];
    expect((await send("GET /health", form, "a=b")).status).toBe(200);
    // What may have parameters in its body says that it does not read them in this form.
    expect((await send("POST /app/my-app/activate", form, "wait=true")).status).toBe(415);
  });
});

describe("JSON", () => {
  const table: readonly (readonly [name: string, body: string, status: number])[] = [
    ["cut off", '{"x":', 400],
    ["not JSON", "x=1", 400],
    ["two values", "{}{}", 400],
    ["a comment", "{}//", 400],
    ["NaN", '{"x":NaN}', 400],
    ["a byte order mark", "\ufeff{}", 400],
    ["a key twice", '{"x":1,"x":2}', 400],
    ["a prototype key", '{"__proto__":{"x":1}}', 400],
    ["a prototype key deep inside", '{"a":[{"__proto__":1}]}', 400],
    ["a depth bomb", "[".repeat(100_000), 400],
    ["a closed depth bomb", `{"x":${"[".repeat(1000)}${"]".repeat(1000)}}`, 400],
    ["an array", "[1]", 422],
    ["a text", '"x"', 422],
    ["null", "null", 422],
    ["nothing", "", 422],
  ];
  for (const [name, body, status] of table) {
    test(`${name} is ${status}`, async () => {
      expect((await send(run, json, body)).status).toBe(status);
    });
  }

  test("bytes that are no UTF-8 are 400", async () => {
    const head = rawRequest(run, [...json, "content-length: 9"]);
    const body = Buffer.from([0x7b, 0x22, 0x78, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]);
    const answer = await sendRaw(webhook.url, Buffer.concat([Buffer.from(head), body]));
    expect(answer.status).toBe(400);
  });
});

describe("credential headers", () => {
  const table: readonly (readonly [name: string, headers: readonly string[], status: number])[] = [
    ["empty", ["authorization:"], 401],
    ["spaces", ["authorization:    "], 401],
    ["a scheme alone", ["authorization: Bearer"], 401],
    ["an empty cookie", ["cookie:"], 401],
    ["two", ["authorization: Bearer a", "authorization: Bearer b"], 400],
    ["two in other letters", ["authorization: Bearer a", "AUTHORIZATION: Bearer b"], 400],
    ["two cookies", ["cookie: a=b", "cookie: c=d"], 400],
    ["a non-ASCII byte", ["authorization: Bearer \u00e9"], 400],
    ["a tab", ["authorization: Bearer a\tb"], 400],
    ["only a proxy's word", ["x-forwarded-authorization: Bearer a", "x-auth-token: a"], 401],
    ["a public path claimed", ["x-forwarded-uri: /health", "x-original-url: /health"], 401],
  ];
  for (const [name, headers, status] of table) {
    test(`${name} is ${status}`, async () => {
      const document = await send("GET /me", headers);
      expect(document.status).toBe(status);
      expect(JSON.stringify(document)).not.toContain("Bearer a");
    });
  }

  for (const path of ["/health/../me", "/health%2f..%2fme", "//health", "/health;x", "/health/"]) {
    test(`${path} is not public`, async () => {
      expect((await send(`GET ${path}`, [])).status).toBe(401);
    });
  }
});

describe("sizes", () => {
  test("a body announced as too long is refused before it is sent", async () => {
    const head = rawRequest(run, [...json, `content-length: ${100 * 1024 * 1024}`]);
    const socket = connect(Number(new URL(webhook.url).port), "127.0.0.1");
    socket.write(head);
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
      const socket = connect(Number(new URL(webhook.url).port), "127.0.0.1");
      socket.write(rawRequest("POST /run-task/a/b/not-allowed", headers));
      const [first] = await once(socket, "data");
      expect(String(first)).toMatch(invited ? /^HTTP\/1\.1 100 / : /^HTTP\/1\.1 413 /);
      socket.destroy();
    }
  });

  test("a body of 100 MB without a length is refused while it is sent", async () => {
    const socket = connect(Number(new URL(webhook.url).port), "127.0.0.1");
    socket.on("error", () => {}); // the server may hang up on the rest
    socket.write(rawRequest(run, [...json, "transfer-encoding: chunked"]));
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
    const line = "POST /run/run-of-allowed/abort";
    const head = rawRequest(line, [credential, `content-length: ${100 * 1024 * 1024}`]);
    const answer = await sendRaw(webhook.url, `${head}x`);
    expect(answer.status).toBe(413);
  });

  test("headers beyond the cap are 431", async () => {
    const bomb = Array.from({ length: 400 }, (_, index) => `x-${index}: ${"y".repeat(100)}`);
    expect((await send("GET /me", [credential, ...bomb])).status).toBe(431);
    expect((await send("GET /me", [`authorization: Bearer ${"t".repeat(20_000)}`])).status).toBe(
      431,
    );
  });

  test("what is no HTTP is 400", async () => {
    const answer = await sendRaw(webhook.url, "HELLO\r\n\r\n");
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).code).toBe("invalid_input");
  });
});

test("a request id that could break a log line is replaced", async () => {
  const kept = await send("GET /nope", [credential, "x-request-id: ci-42.a_b"]);
  expect(kept.requestId).toBe("ci-42.a_b");
  for (const id of ["a b", "<x>", "x".repeat(129), ""]) {
    const document = await send("GET /nope", [credential, `x-request-id: ${id}`]);
    expect(document.requestId).toMatch(/^[0-9a-f-]{36}$/);
  }
});
