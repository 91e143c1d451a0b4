import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { gunzipSync, gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import {
  AuthMetadataService,
  IdentityService,
  UserInfoRequestSchema,
  UserInfoResponseSchema,
} from "../../src/idl/auth.ts";
import { ClusterService } from "../../src/idl/clusters.ts";

let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
});

afterAll(async () => {
  await devbox.close();
});

function keyOf(subject: string): string {
  return devbox.keys[subject] ?? "";
}

const transports: [string, (baseUrl: string) => Transport][] = [
  ["Connect over HTTP/1.1", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" })],
  [
    "Connect over cleartext HTTP/2",
    (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  ],
  [
    "Connect with JSON",
    (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  ],
  ["gRPC", (baseUrl) => createGrpcTransport({ baseUrl })],
  ["gRPC-Web", (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })],
];

test.each(transports)("%s is served on the one port", async (_, createTransport) => {
  const client = createClient(IdentityService, createTransport(devbox.url));
  const headers = { authorization: `Bearer ${keyOf("alice")}` };
  const user = await client.userInfo({}, { headers });
  expect(user).toMatchObject({ subject: "alice", name: "Alice Admin", email: "alice@example.com" });
  const failure = await client.userInfo({}).catch((error: unknown) => ConnectError.from(error));
  expect(failure).toMatchObject({ code: Code.Unauthenticated });
});

const plain = () => createConnectTransport({ baseUrl: devbox.url, httpVersion: "1.1" });

test("a user is told their roles", async () => {
  const client = createClient(IdentityService, plain());
  const headers = { authorization: `Bearer ${keyOf("bob")}` };
  const { additionalClaims } = await client.userInfo({}, { headers });
  expect(additionalClaims?.["roles"]).toHaveLength(3);
  expect(additionalClaims?.["roles"]).toEqual(
    expect.arrayContaining([
      { project: "*", domain: "development", role: "contributor" },
      { project: "*", domain: "staging", role: "contributor" },
      { project: "*", domain: "production", role: "viewer" },
    ]),
  );
});

test("the other credential header works as well", async () => {
  const client = createClient(IdentityService, plain());
  const headers = { "flyte-authorization": `bearer ${keyOf("bob")}` };
  expect((await client.userInfo({}, { headers })).subject).toBe("bob");
});

test.each([
  ["an unknown key", "Bearer fwk_0123456789abcdef_0123456789012345678901234567890123456789012"],
  ["an empty bearer", "Bearer "],
  ["no scheme", "fwk_0123456789abcdef_0123456789012345678901234567890123456789012"],
  ["basic credentials", "Basic YWxpY2U6YWxpY2U="],
  ["a token of another system", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9."],
  ["words", "Bearer planted secret words"],
  ["a very long token", `Bearer ${"a".repeat(10_000)}`],
])("%s is unauthenticated and not repeated in the answer", async (_, authorization) => {
  const client = createClient(AuthMetadataService, plain());
  const failure = await client
    .getPublicClientConfig({}, { headers: { authorization } })
    .catch((error: unknown) => ConnectError.from(error));
  expect(failure).toMatchObject({ code: Code.Unauthenticated });
  expect(String(failure)).not.toContain(authorization.slice(10, 40) || "never");
});

test("a key with one character changed is refused, whichever it is", async () => {
  const client = createClient(IdentityService, plain());
  const key = keyOf("alice");
  for (let index = 0; index < key.length; index += 7) {
    const other = key[index] === "a" ? "b" : "a";
    const changed = key.slice(0, index) + other + key.slice(index + 1);
    const headers = { authorization: `Bearer ${changed}` };
    await expect(client.userInfo({}, { headers })).rejects.toMatchObject({
      code: Code.Unauthenticated,
    });
  }
});

test("two different credentials in one request are refused", async () => {
  const client = createClient(IdentityService, plain());
  const headers = {
    authorization: `Bearer ${keyOf("alice")}`,
    "flyte-authorization": `Bearer ${keyOf("bob")}`,
  };
  await expect(client.userInfo({}, { headers })).rejects.toMatchObject({
    code: Code.Unauthenticated,
  });
});

test("the auth metadata is public, the rest is not", async () => {
  const metadata = createClient(AuthMetadataService, plain());
  expect(await metadata.getPublicClientConfig({})).toMatchObject({
    authorizationMetadataKey: "authorization",
  });
  expect((await metadata.getOAuth2Metadata({})).tokenEndpoint).toMatch(/\/oauth2\/token$/);
  const cluster = createClient(ClusterService, plain());
  await expect(cluster.selectCluster({})).rejects.toMatchObject({ code: Code.Unauthenticated });
  const headers = { authorization: `Bearer ${keyOf("bob")}` };
  expect((await cluster.selectCluster({}, { headers })).clusterEndpoint).toBe("");
});

test("without a credential the anonymous user is served where that is allowed", async () => {
  await using open = await startDevbox({ state: "memory", port: 0, allowAnonymous: true });
  const client = createClient(
    IdentityService,
    createConnectTransport({ baseUrl: open.url, httpVersion: "1.1" }),
  );
  expect((await client.userInfo({})).subject).toBe("anonymous");
  const headers = { authorization: "Bearer wrong" };
  await expect(client.userInfo({}, { headers })).rejects.toMatchObject({
    code: Code.Unauthenticated,
  });
});

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

async function send(
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Uint8Array | string;
  } = {},
): Promise<Raw> {
  const { method = "GET", headers = {}, body } = options;
  const { hostname, port } = new URL(devbox.url);
  const request = httpRequest({ hostname, port, path, method, headers, agent: false });
  request.end(body);
  const [response] = await once(request, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

const userInfoPath = "/flyteidl2.auth.IdentityService/UserInfo";

test.each([
  ["plain labelled gzip", (bytes: Uint8Array) => bytes, { "content-encoding": "gzip" }],
  ["gzip not labelled", gzipSync, {}],
  ["gzip labelled identity", gzipSync, { "content-encoding": "identity" }],
  ["gzip labelled gzip", gzipSync, { "content-encoding": "gzip" }],
  ["plain and not labelled", (bytes: Uint8Array) => bytes, {}],
])("a unary body that is %s is read", async (_, encode, labels) => {
  const json = await send(userInfoPath, {
    method: "POST",
    headers: {
      authorization: `Bearer ${keyOf("bob")}`,
      "content-type": "application/json",
      ...labels,
    },
    body: encode(Buffer.from("{}")),
  });
  expect([json.status, JSON.parse(json.body.toString()).subject]).toEqual([200, "bob"]);
  const binary = await send(userInfoPath, {
    method: "POST",
    headers: {
      authorization: `Bearer ${keyOf("bob")}`,
      "content-type": "application/proto",
      "accept-encoding": "gzip",
      ...labels,
    },
    body: encode(toBinary(UserInfoRequestSchema, create(UserInfoRequestSchema))),
  });
  expect(binary.status).toBe(200);
  const bytes =
    binary.headers["content-encoding"] === "gzip" ? gunzipSync(binary.body) : binary.body;
  expect(fromBinary(UserInfoResponseSchema, bytes).subject).toBe("bob");
});

test("a gzip body that unpacks to more than the cap is refused", async () => {
  const { status, body } = await send(userInfoPath, {
    method: "POST",
    headers: {
      authorization: `Bearer ${keyOf("bob")}`,
      "content-type": "application/proto",
      "content-encoding": "gzip",
    },
    body: gzipSync(Buffer.alloc(40 * 1024 * 1024)),
  });
  expect([status, JSON.parse(body.toString()).code]).toEqual([429, "resource_exhausted"]);
});

test.each([
  ["truncated gzip", gzipSync("{}").subarray(0, 12), "application/json", 400],
  ["broken JSON", "{", "application/json", 400],
  ["broken protobuf", Uint8Array.of(0xff, 0xff, 0xff), "application/proto", 400],
  ["a form", "a=b", "application/x-www-form-urlencoded", 415],
  ["plain text", "{}", "text/plain", 415],
  ["no media type", "{}", "", 415],
])("%s is a client's error", async (_, body, type, expected) => {
  const { status } = await send(userInfoPath, {
    method: "POST",
    headers: {
      authorization: `Bearer ${keyOf("bob")}`,
      ...(type === "" ? {} : { "content-type": type }),
    },
    body,
  });
  expect(status).toBe(expected);
});

test.each([
  ["localhost:30080", 200],
  ["LOCALHOST", 200],
  ["app-x-development.localhost:1", 200],
  ["127.0.0.1", 200],
  ["127.8.8.8:80", 200],
  ["[::1]:30080", 200],
  ["evil.example", 421],
  ["localhost.evil.example", 421],
  ["evil.example:30080", 421],
  ["127.0.0.1.nip.io", 421],
  ["10.0.0.1", 421],
  ["[fe80::1]", 421],
  ["localhost, evil.example", 421],
  ["evil.example@localhost", 421],
  ["127.1", 421],
  ["2130706433", 421],
])("the host %s is answered with %i", async (host, expected) => {
  expect((await send("/healthz", { headers: { host } })).status).toBe(expected);
});

test("there is no cross-origin access", async () => {
  const { status, headers } = await send(userInfoPath, {
    method: "OPTIONS",
    headers: { origin: "http://evil.example", "access-control-request-method": "POST" },
  });
  expect(status).not.toBe(200);
  expect(headers["access-control-allow-origin"]).toBeUndefined();
});

test("health, readiness, run pages and unknown paths answer without a credential", async () => {
  expect((await send("/healthz")).status).toBe(200);
  expect((await send("/readyz")).status).toBe(200);
  const page = await send("/v2/domain/development/project/flytesnacks/runs/<script>");
  expect(page.status).toBe(200);
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(page.body.toString()).not.toContain("<script>");
  for (const path of ["/", "//", "/flyteidl2.auth.IdentityService/Nothing", "/v2x", "/%00"]) {
    expect([path, (await send(path, { method: "POST" })).status]).toEqual([path, 404]);
  }
});

test("a devbox that shuts down is not ready", async () => {
  const box = await startDevbox({ state: "memory", port: 0 });
  const socket = connect(Number(new URL(box.url).port), "127.0.0.1");
  // A request that has begun holds its connection open.
  socket.write("GET /readyz HTTP/1.1\r\nHost: localhost\r\n");
  await fetch(`${box.url}/healthz`);
  const closed = box.close();
  socket.write("\r\n");
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 503 /);
  socket.destroy();
  await closed;
});

test("garbage on a connection is refused and the server lives on", async () => {
  for (const garbage of [
    "PRIVATE / HTTP/1.1\r\n\r\n",
    "\0\0\0\0\r\n\r\n",
    "GET / HTTP/9\r\n\r\n",
  ]) {
    const socket = connect(Number(new URL(devbox.url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.end(garbage);
    socket.resume();
    await once(socket, "close");
  }
  expect((await send("/healthz")).status).toBe(200);
});

test("a request whose bytes come one by one is understood", async () => {
  const socket = connect(Number(new URL(devbox.url).port), "127.0.0.1");
  socket.setNoDelay(true);
  for (const character of "PUT /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") {
    await new Promise((resolve) => socket.write(character, resolve));
  }
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
});

test("a port in use is one line that names the port and the option", async () => {
  const port = Number(new URL(devbox.url).port);
  const failure = await startDevbox({ state: "memory", port }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "invalid_config" });
  const message = failure instanceof Error ? failure.message : "";
  expect(message).toContain(`Port ${port}`);
  expect(message).toContain("option port");
  expect(message).not.toContain("\n");
});

test("closing ends idle connections of both versions and frees the port", async () => {
  const box = await startDevbox({ state: "memory", port: 0 });
  const { port, origin } = new URL(box.url);
  const silent = connect(Number(port), "127.0.0.1");
  const idle = connect(Number(port), "127.0.0.1");
  const session = connectHttp2(origin);
  await Promise.all([once(silent, "connect"), once(session, "connect")]);
  idle.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(idle, "data");
  idle.resume();
  silent.resume();
  const closed = [silent, idle, session].map((connection) => {
    // A reset is an end as well.
    connection.on("error", () => undefined);
    return new Promise<void>((resolve) => connection.once("close", () => resolve()));
  });
  await Promise.all([box.close(), ...closed]);
  const late = connect(Number(port), "127.0.0.1");
  const [error] = await once(late, "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
});

test.each([
  ["/flyteidl2.queue.QueueService/Get", "This devbox has no queue.QueueService in this version."],
  ["/flyteidl2.queue.QueueService/Get/more", "There is nothing at this path."],
  ["/nothing", "There is nothing at this path."],
])("%s tells what is missing", async (path, message) => {
  const answer = await fetch(`${devbox.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/proto" },
  });
  expect(answer.status).toBe(404);
  const body = (await answer.json()) as { code: string; message: string };
  expect(body.code).toBe("unimplemented");
  expect(body.message).toContain(message);
});
