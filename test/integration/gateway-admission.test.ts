import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway } from "../../src/devbox/gateway/start-gateway.ts";
import { silentLogger } from "../../src/devbox/server/logger.ts";
import { FlyteError } from "../../src/shared/errors.ts";
import { anonymous, httpApp, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";

let gateway: TestGateway;
/** An app that must not be asked for. */
let fenced: string;
let woken = 0;
beforeAll(async () => {
  gateway = await startTestGateway();
  fenced = gateway.add("fenced", () => {
    woken += 1;
    return { port: 9 };
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

async function send(host: string, { method = "GET", path = "/", headers = [], body }: Sent = {}) {
  const request = rawRequest(`${method} ${path}`, headers, body).replace(
    "host: test",
    `host: ${host}`,
  );
  const answer = await sendRaw(gateway.url, request);
  const isProblem = /^content-type: application\/problem\+json\r?$/im.test(answer.head);
  return { ...answer, problem: isProblem ? JSON.parse(answer.body) : undefined };
}

const bearer = (key: string | undefined): string => `Authorization: Bearer ${key}`;

describe("an app that asks for a credential is not woken for a request with", () => {
  const rows: readonly (readonly [name: string, sent: () => Sent])[] = [
    ["none", () => ({})],
    ["a bad one", () => ({ headers: [bearer("fwk_bad")] })],
    ["an empty one", () => ({ headers: ["Authorization:"] })],
    ["another scheme", () => ({ headers: ["Authorization: Basic YWxpY2U6YWxpY2U="] })],
    [
      "a key whose secret is wrong",
      () => ({
        headers: [
          bearer(gateway.keys["alice"]?.replace(/.$/, (last) => (last === "A" ? "B" : "A"))),
        ],
      }),
    ],
    [
      "two that differ",
      () => ({ headers: [bearer(gateway.keys["alice"]), "Flyte-Authorization: Bearer x"] }),
    ],
    [
      "one in the query",
      () => ({ path: `/?access_token=${gateway.keys["alice"]}&key=${gateway.keys["alice"]}` }),
    ],
    [
      "one in a cookie",
      () => ({ headers: [`Cookie: authorization=Bearer ${gateway.keys["alice"]}`] }),
    ],
    [
      "the name of a user",
      () => ({
        headers: ["X-Flyte-User-Subject: alice", "X-Forwarded-User: alice", "Remote-User: alice"],
      }),
    ],
    [
      "a question about cross-origin use",
      () => ({
        method: "OPTIONS",
        headers: ["Origin: http://a.example", "Access-Control-Request-Method: POST"],
      }),
    ],
    ["a wish for a WebSocket", () => ({ headers: ["Upgrade: websocket", "Connection: Upgrade"] })],
  ];
  test.each(rows)("%s", async (_name, sent) => {
    const { status, head, problem, body } = await send(fenced, sent());
    expect(status).toBe(401);
    expect(head).toMatch(/^www-authenticate: Bearer\r?$/im);
    expect(problem).toMatchObject({ status: 401, code: "unauthenticated" });
    expect(body).not.toContain(gateway.keys["alice"]);
    expect([woken, gateway.asked]).toEqual([0, 0]);
  });
});

test("a caller who may not read in the app's scope gets 403", async () => {
  const other = gateway.add("elsewhere", () => ({ port: 9 }), {});
  const asked = gateway.asked;
  const { status, problem } = await send(other, { headers: [bearer(gateway.addUser("stranger"))] });
  expect(status).toBe(403);
  expect(problem.code).toBe("permission_denied");
  expect(gateway.asked).toBe(asked);
});

test.each(["authorization", "Flyte-Authorization"])(
  "a credential in %s opens the app",
  async (name) => {
    const app = await httpApp((_request, response) => response.end("in"));
    const host = gateway.add(`in-${name.toLowerCase()}`, () => app);
    const answer = await send(host, { headers: [`${name}: bearer ${gateway.keys["bob"]}`] });
    expect(answer).toMatchObject({ status: 200, body: "in" });
  },
);

test("a refused body is not read by anybody, and the connection ends", async () => {
  const { status, head } = await send(fenced, { method: "POST", body: "x".repeat(100_000) });
  expect(status).toBe(401);
  expect(head).toMatch(/^connection: close\r?$/im);
});

test("a refused body that does not come is not waited for", async () => {
  const socket = connect(gateway.port, "127.0.0.1");
  socket.write(`POST / HTTP/1.1\r\nHost: ${fenced}\r\nContent-Length: 1000000000\r\n\r\n`);
  const [first] = (await once(socket, "data")) as [Buffer];
  expect(first.toString()).toMatch(/^HTTP\/1\.1 401 /);
  await once(socket, "close");
});

test("a refusal without a body leaves the connection open", async () => {
  const app = await httpApp((_request, response) => response.end("next"));
  const host = gateway.add("next", () => app, anonymous);
  const answer = await sendRaw(
    gateway.url,
    `GET / HTTP/1.1\r\nHost: ${fenced}\r\n\r\nGET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
  expect(answer.status).toBe(401);
  expect(answer.body).toMatch(/HTTP\/1\.1 200 OK[\s\S]*next$/);
});

describe("a host without an app is 404 and says how addresses look:", () => {
  test.each([
    "localhost",
    "127.0.0.1",
    "[::1]",
    "nobody-flytesnacks-development.localhost",
    "fenced.localhost",
    "fenced-flytesnacks-development",
    "x.fenced-flytesnacks-development.localhost",
    "fenced-flytesnacks-development.localhost.example.com",
    "constructor",
  ])("%s", async (host) => {
    const { status, problem } = await send(`${host}:${gateway.port}`, {
      headers: [fenced.replace(/:.*/, ""), fenced].flatMap((name) => [
        `X-Forwarded-Host: ${name}`,
        `X-Forwarded-Server: ${name}`,
        `X-Original-Host: ${name}`,
        `Forwarded: host=${name}`,
      ]),
    });
    expect(status).toBe(404);
    expect(problem.detail).toContain(`http://NAME-PROJECT-DOMAIN.localhost:${gateway.port}`);
  });
});

test("a subdomain and a custom domain lead to the app, with any port", async () => {
  const app = await httpApp((request, response) => response.end(request.headers.host));
  const ingress = { subdomain: "greet", cname: "Greet.Example.com" };
  gateway.add("named", () => app, { ...anonymous, ingress });
  for (const host of [
    "greet.localhost",
    "GREET.localhost:1",
    "greet.example.com",
    "greet.example.com.:443",
  ]) {
    expect(await send(host)).toMatchObject({ status: 200, body: host });
  }
});

describe("what keeps an app from answering is told to those who may read it, and to no one else:", () => {
  const message = "The secret db-password is missing.";
  const rows = [
    ["stopped", new FlyteError("not_found", "internal"), /stopped.*activate/i, "not running"],
    ["failed", new FlyteError("app_failed", message), /db-password/, "cannot start"],
    ["busy", new FlyteError("exhausted", "internal"), /Too many/, "Too many"],
    ["ending", new FlyteError("unavailable", "internal"), /later/, "later"],
  ] as const;
  test.each(rows)("%s", async (name, error, told, plain) => {
    const refuse = (): never => {
      throw error;
    };
    const known = { headers: [bearer(gateway.keys["bob"])] };
    const own = await send(gateway.add(name, refuse), known);
    expect(own).toMatchObject({ status: 503, problem: { status: 503 } });
    expect(own.problem.detail).toMatch(told);
    const open = gateway.add(`${name}-open`, refuse, anonymous);
    expect((await send(open, known)).problem.detail).toMatch(told);
    const stranger = await send(open);
    expect(stranger.status).toBe(503);
    expect(stranger.problem.detail).toContain(plain);
    expect(stranger.body).not.toMatch(/db-password|internal|flytesnacks/);
    if (name === "busy") expect(stranger.head).toMatch(/^retry-after: \d+\r?$/im);
  });
});

test("what nobody foresaw is 500 without its text", async () => {
  const host = gateway.add(
    "odd",
    () => {
      throw new Error("at /home/somebody/secret");
    },
    anonymous,
  );
  const { status, body } = await send(host);
  expect(status).toBe(500);
  expect(body).not.toContain("secret");
});

test("the time of an app counts until its answer begins, its start included", async () => {
  const timeouts = { requestTimeout: { nanos: 50_000_000 } };
  const never = (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  const asleep = gateway.add("asleep", never, { ...anonymous, timeouts });
  expect((await send(asleep)).problem).toMatchObject({ status: 504, code: "deadline_exceeded" });
  let isCut = false;
  const mute = await httpApp((request) => {
    request.socket.once("close", () => {
      isCut = true;
    });
  });
  const silent = gateway.add("silent", () => mute, { ...anonymous, timeouts });
  expect((await send(silent, { method: "POST", body: "x" })).status).toBe(504);
  await expect.poll(() => isCut).toBe(true);
  const slow = await httpApp((_request, response) => {
    response.write("begun ");
    setTimeout(() => response.end("ended"), 150);
  });
  const stream = gateway.add("stream", () => slow, { ...anonymous, timeouts });
  expect((await send(stream)).body).toContain("ended");
  await expect.poll(() => gateway.leases).toBe(0);
});

test("before the devbox is up, all is 503", async () => {
  const starting = await startGateway({ host: "127.0.0.1", port: 0, log: silentLogger });
  const answer = await fetch(`http://127.0.0.1:${starting.port}/`);
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("1");
  await starting.close();
});
