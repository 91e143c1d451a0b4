import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../../src/webhook/endpoints.ts";
import { type RawAnswer, rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

/** Pages of one origin may call `webhook`; `shut` has no pages that may. */
let webhook: TestWebhook;
let shut: TestWebhook;

const page = "https://app.example.com";
const credential = "authorization: Bearer key";

beforeAll(async () => {
  [webhook, shut] = await Promise.all([
    startTestWebhook({
      endpointGroups: ["core", "task", "run"],
      taskAllowlist: ["allowed.main"],
      corsOrigins: [page, "http://localhost:5173"],
    }),
    startTestWebhook(),
  ]);
});

afterAll(async () => {
  await Promise.all([webhook, shut].map((one) => one[Symbol.asyncDispose]()));
});

afterEach(() => {
  webhook.stub.failures.clear();
  webhook.stub.takeMethods();
  shut.stub.takeMethods();
});

function header({ head }: RawAnswer, name: string): string | undefined {
  const line = head.split("\r\n").find((one) => one.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

function corsHeaders({ head }: RawAnswer): readonly string[] {
  return head.split("\r\n").filter((line) => /^access-control-/i.test(line));
}

async function send(line: string, headers: readonly string[], body = ""): Promise<RawAnswer> {
  return sendRaw(webhook.url, rawRequest(line, headers, body));
}

function ask(path: string, method: string, origin = page): Promise<RawAnswer> {
  return send(`OPTIONS ${path}`, [
    `origin: ${origin}`,
    `access-control-request-method: ${method}`,
    "access-control-request-headers: authorization,content-type",
  ]);
}

const runTask = "/run-task/development/flytesnacks/allowed.main";

describe("the question before a request", () => {
  test("is answered for every endpoint that is served, without a credential", async () => {
    const served = endpoints.filter(({ group }) => ["core", "task", "run"].includes(group));
    for (const { path, method } of served) {
      const answer = await ask(path.replaceAll(/\{(\w+)\}/g, "some-$1"), method);
      expect(`${path} ${answer.status}`).toBe(`${path} 204`);
      expect(header(answer, "access-control-allow-origin")).toBe(page);
      expect(header(answer, "access-control-allow-methods")).toBe(method);
      expect(header(answer, "access-control-allow-headers")).toBe(
        "authorization, content-type, last-event-id, x-request-id",
      );
      expect(header(answer, "access-control-max-age")).toBe("600");
      expect(header(answer, "vary")).toBe("Origin");
      expect(header(answer, "access-control-allow-credentials")).toBeUndefined();
      expect(header(answer, "x-request-id")).toBeDefined();
      expect(answer.body).toBe("");
    }
    expect(webhook.stub.takeMethods()).toEqual([]);
  });

  const refused: readonly (readonly [name: string, path: string, method: string])[] = [
    ["another method of the endpoint", runTask, "GET"],
    ["a method in other letters", runTask, "post"],
    ["an endpoint that is not served", "/app/my-app", "GET"],
    ["an address nobody knows", "/nothing/here", "GET"],
    ["an address that is not decodable", "/run/%zz", "GET"],
    ["the whole server", "*", "GET"],
  ];
  for (const [name, path, method] of refused) {
    test(`is a request like any other for ${name}`, async () => {
      const answer = await ask(path, method);
      expect(answer.status).toBe(401);
      expect(header(answer, "access-control-allow-methods")).toBeUndefined();
      expect(header(answer, "vary")).toBe("Origin");
    });
  }

  test("is refused to other origins, without a word about CORS", async () => {
    for (const origin of [
      "https://evil.example",
      "https://app.example.com.evil.example",
      "https://app.example.com:8443",
      "http://app.example.com",
      "HTTPS://APP.EXAMPLE.COM",
      "https://app.example.com/",
      `${page}, https://evil.example`,
      "null",
      "*",
    ]) {
      const answer = await ask(runTask, "POST", origin);
      expect(`${origin} ${answer.status}`).toBe(`${origin} 401`);
      expect(corsHeaders(answer)).toEqual([]);
      expect(header(answer, "vary")).toBe("Origin");
    }
  });

  test("with a credential, OPTIONS that is no such question keeps its 405 and 404", async () => {
    const one = await send(`OPTIONS ${runTask}`, [credential, `origin: ${page}`]);
    expect(one.status).toBe(405);
    expect(header(one, "allow")).toBe("POST");
    const other = await send("OPTIONS /nothing", [credential]);
    expect(other.status).toBe(404);
  });
});

describe("the answer to a page", () => {
  const table: readonly (readonly [
    name: string,
    line: string,
    headers: string[],
    status: number,
  ])[] = [
    ["a success", "GET /me", [credential], 200],
    ["a public one", "GET /health", [], 200],
    ["a missing credential", "GET /me", [], 401],
    ["a credential sent twice", "GET /me", [credential, credential], 400],
    ["a task outside the allowlist", "GET /task/a/b/c", [credential], 403],
    ["an endpoint that is not served", "GET /app/x", [credential], 404],
    ["a method that is not served", `GET ${runTask}`, [credential], 405],
    ["a trailing slash", "GET /me/", [credential], 307],
    ["an address that is not decodable", "GET /run/%zz", [credential], 400],
    ["an address that is too long", `GET /me?${"x".repeat(9000)}`, [credential], 414],
    ["a wrong media type", `POST ${runTask}`, [credential, "content-length: 2"], 415],
  ];
  for (const [name, line, headers, status] of table) {
    test(`can be read, ${name} too`, async () => {
      const body = headers.includes("content-length: 2") ? "{}" : "";
      const lines = headers.filter((one) => !one.startsWith("content-length"));
      const own = await send(line, [...lines, `origin: ${page}`], body);
      expect(own.status).toBe(status);
      expect(corsHeaders(own)).toEqual([
        `access-control-allow-origin: ${page}`,
        "access-control-expose-headers: x-request-id, retry-after, location, www-authenticate, ratelimit, ratelimit-policy",
      ]);
      expect(header(own, "vary")).toBe("Origin");
      for (const others of [["origin: https://evil.example"], []]) {
        const answer = await send(line, [...lines, ...others], body);
        expect(answer.status).toBe(status);
        expect(corsHeaders(answer)).toEqual([]);
        expect(header(answer, "vary")).toBe("Origin");
      }
    });
  }

  test("can be read when the control plane fails, with its Retry-After", async () => {
    webhook.stub.failures.set("userInfo", new ConnectError("down", Code.Unavailable));
    const answer = await send("GET /me", [credential, "origin: http://localhost:5173"]);
    expect(answer.status).toBe(503);
    expect(header(answer, "access-control-allow-origin")).toBe("http://localhost:5173");
    expect(header(answer, "retry-after")).toBeDefined();
  });

  test("says nothing of CORS where no origin is configured", async () => {
    for (const line of ["GET /me", "OPTIONS /me", "GET /run/%zz"]) {
      const headers = [credential, `origin: ${page}`, "access-control-request-method: GET"];
      const answer = await sendRaw(shut.url, rawRequest(line, headers));
      expect(corsHeaders(answer)).toEqual([]);
      expect(header(answer, "vary")).toBeUndefined();
    }
  });
});

describe("a request that changes something, with nothing but a cookie", () => {
  const cookie = "cookie: session=abc";
  const json = ["content-type: application/json"];

  const table: readonly (readonly [name: string, headers: readonly string[], status: number])[] = [
    ["from no browser", [cookie], 200],
    ["from its own origin", [cookie, "sec-fetch-site: same-origin", "origin: http://test"], 200],
    ["from the address bar", [cookie, "sec-fetch-site: none"], 200],
    ["from its own origin in an old browser", [cookie, "origin: http://test"], 200],
    ["from an origin that is configured", [cookie, `origin: ${page}`], 200],
    [
      "from such an origin in a new browser",
      [cookie, `origin: ${page}`, "sec-fetch-site: cross-site"],
      200,
    ],
    ["from another site", [cookie, "sec-fetch-site: cross-site"], 403],
    ["from a sister site", [cookie, "sec-fetch-site: same-site"], 403],
    ["with a word browsers do not use", [cookie, "sec-fetch-site: SAME-ORIGIN!"], 403],
    ["from another site in an old browser", [cookie, "origin: https://evil.example"], 403],
    ["from another port in an old browser", [cookie, "origin: http://test:81"], 403],
    ["from a hidden origin", [cookie, "origin: null"], 403],
    [
      "from another site that claims the host by a proxy's header",
      [cookie, "origin: https://evil.example", "x-forwarded-host: evil.example"],
      403,
    ],
    ["from another site, with a token", [cookie, credential, "sec-fetch-site: cross-site"], 200],
    [
      "from another site, with an empty token",
      [cookie, "authorization: Bearer", "origin: null"],
      403,
    ],
  ];
  for (const [name, headers, status] of table) {
    test(`is ${status} ${name}`, async () => {
      const answer = await send(`POST ${runTask}`, [...headers, ...json], '{"x":1}');
      expect(answer.status).toBe(status);
      if (status === 200) return;
      expect(JSON.parse(answer.body).code).toBe("cross_site");
      expect(webhook.stub.takeMethods()).toEqual([]);
    });
  }

  test("is refused as well where no origin is configured", async () => {
    const headers = [cookie, "sec-fetch-site: cross-site", `origin: ${page}`];
    const answer = await sendRaw(shut.url, rawRequest("POST /run/run-of-allowed/abort", headers));
    expect(answer.status).toBe(403);
    expect(shut.stub.takeMethods()).toEqual([]);
  });

  test("is not meant by reading", async () => {
    const headers = [cookie, "sec-fetch-site: cross-site", "origin: https://evil.example"];
    const answer = await send("GET /me", headers);
    expect(answer.status).toBe(200);
    expect(corsHeaders(answer)).toEqual([]);
  });
});

describe("an origin that browsers never send", () => {
  const table: readonly (readonly [origin: unknown, remedy: string])[] = [
    ["*", "https://app.example.com"],
    ["null", "https://app.example.com"],
    ["", "https://app.example.com"],
    ["app.example.com", "https://app.example.com"],
    ["https://*.example.com", "https://app.example.com"],
    ["https://a.example/", "Write https://a.example."],
    ["https://a.example/path", "Write https://a.example."],
    ["https://a.example?x", "Write https://a.example."],
    ["https://user@a.example", "Write https://a.example."],
    ["https://a.example:443", "Write https://a.example."],
    ["https://A.example", "Write https://a.example."],
    ["https://bücher.example", "Write https://xn--bcher-kva.example."],
    [" https://a.example", "Write https://a.example."],
    ["ftp://a.example", "https://app.example.com"],
    ["file:///etc", "https://app.example.com"],
    [7, "https://app.example.com"],
    [/example/, "https://app.example.com"],
  ];
  for (const [origin, remedy] of table) {
    test(`${String(origin)} is refused at construction`, async () => {
      await expect(startTestWebhook({ corsOrigins: [origin as string] })).rejects.toThrow(
        expect.objectContaining({
          code: "invalid_config",
          message: expect.stringMatching(/corsOrigins.*/),
        }),
      );
      await expect(startTestWebhook({ corsOrigins: [origin as string] })).rejects.toThrow(remedy);
    });
  }
});
