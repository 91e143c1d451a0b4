import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTargetApp } from "../support/target-app.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let webhook: TestWebhook;

beforeAll(async () => {
  webhook = await startTestWebhook();
});

afterAll(() => webhook[Symbol.asyncDispose]());
afterEach(async () => {
  webhook.stub.reset();
  expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
});

const call = (body: object) => createCaller(webhook.url, "key").post("/app/site/call", body);

describe("what no request can be made of is refused before anybody is asked", () => {
  const paths = [
    "..",
    "/..",
    "/a/../b",
    "/a/..",
    "/./a",
    "/%2e%2e/a",
    "/.%2E/a",
    "/%2e/a",
    "/a%2f..%2fb",
    "/a/..%2fb",
    "/..;x=1/a",
    "/%2e%2e;/a",
    "/..%3bx/a",
    "/%252e%252e/a",
    "/%25252e%25252e/a",
    "/a%252f..%252f",
    "/%25zz/%252e%252e/a",
    ".. ",
    "/a/..%20/b",
    "/ ./b",
    "/%252525252525252e",
    "\\a",
    "/a\\b",
    "/a%5cb",
    "/a%255cb",
    "//elsewhere.example/a",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "\\\\elsewhere.example",
    "/a#b",
    "/a?b#c",
    "/a\r\nx: y",
    "/a\nb",
    "/a\tb",
    "/a\u007f",
    "/a\u0085b",
    "/a%0d%0ax: y",
    "/a%00",
    "/a%250a",
    "/a\ud800",
    "/%zz",
    "/%",
    "/%c0%ae%c0%ae/a",
    "/%ff",
  ];

  for (const path of paths) {
    test(`the path ${JSON.stringify(path)}`, async () => {
      webhook.stub.calls.length = 0;
      const { status, body } = await call({ path });
      expect(status).toBe(400);
      expect(body.errors[0].path).toBe("path");
      expect(webhook.stub.takeMethods()).toEqual([]);
    });
  }

  const methods = [
    "",
    "CONNECT",
    "TRACE",
    "PROPFIND",
    "GET ",
    "GET / HTTP/1.1\r\nx: y\r\n\r\n",
    "GE\u212a",
    "ﬁnd",
    "__proto__",
    "constructor",
  ];

  for (const method of methods) {
    test(`the method ${JSON.stringify(method)}`, async () => {
      webhook.stub.calls.length = 0;
      const { status, body } = await call({ path: "/", method });
      expect(status).toBe(400);
      expect(body.errors).toEqual([
        {
          path: "method",
          message: "must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        },
      ]);
      expect(webhook.stub.takeMethods()).toEqual([]);
    });
  }

  test("both are told at once", async () => {
    const { body } = await call({ path: "..", method: "TRACE" });
    expect(body.errors.map(({ path }: { readonly path: string }) => path)).toEqual([
      "path",
      "method",
    ]);
  });
});

describe("an address that no app has is not called", () => {
  const endpoints = [
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "127.0.0.1:80",
    "//127.0.0.1",
    "http://",
    "http:/127.0.0.1",
    "http://user@127.0.0.1/",
    "http://user:password@127.0.0.1/",
    "http://127.0.0.1\\@elsewhere.example/",
    "http://127.0.0.1/?x=",
    "http://127.0.0.1/#x",
    "http://127.0.0.1/a b",
    "http://127.0.0.1:99999/",
    "http://169.254.169.254/latest/meta-data",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://[fe80::1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fd00:ec2::254]/",
  ];

  for (const endpoint of endpoints) {
    test(endpoint, async () => {
      webhook.stub.apps.set("site", { endpoint });
      const { status, body } = await call({ path: "/" });
      expect(status).toBe(502);
      expect(body.code).toBe("bad_gateway");
      expect(body.detail).toBe(
        "App site has an address, as the control plane tells it, that cannot be called.",
      );
    });
  }
});

test("no text of a parameter becomes a header of the request", async () => {
  const app = await startTargetApp();
  webhook.stub.apps.set("site", { endpoint: app.url });
  const smuggled = "1\r\ncontent-length: 0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
  const answer = await call({
    path: "/",
    method: "POST",
    payload: smuggled,
    query_params: { [smuggled]: smuggled },
  });
  expect(answer.status).toBe(200);
  expect(app.requests).toHaveLength(1);
  expect(app.requests[0]?.url).toMatch(/^\/\?[\w%.+=-]+$/);
  expect(app.requests[0]?.body).toBe(JSON.stringify(smuggled));
});

test("a request id that could break a header is not passed on", async () => {
  const app = await startTargetApp();
  webhook.stub.apps.set("site", { endpoint: app.url });
  const headers = ["authorization: Bearer key", "x-request-id: a b, c"];
  await sendRaw(webhook.url, rawRequest("POST /app/site/call?path=/", headers));
  const id = app.requests[0]?.headers.find(([name]) => name === "x-request-id")?.[1];
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
});
