import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { init } from "../../src/client/init.ts";
import { closeControlPlane } from "../../src/client/init-current.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { AuthMetadataService, IdentityService } from "../../src/idl/auth.ts";
import { encodeApiKey } from "../../src/values/api-key-text.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { connect } from "../support/devbox-client.ts";
import { httpApp, startTestGateway } from "../support/gateway.ts";
import { createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";

/** The API keys of the devbox in both forms, and the tokens that are got with them. */
let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
});

afterAll(() => devbox?.close());

interface CreatedKey {
  readonly id: string;
  readonly key: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** In the form of Flyte's SDKs. */
  readonly apiKey: string;
}

async function createKey(wanted: object): Promise<CreatedKey> {
  const admin = createCaller(devbox.url, devbox.keys["alice"]);
  const { status, body } = await admin.post("/devbox/v1/api-keys", { name: "test", ...wanted });
  expect(status).toBe(201);
  const { clientId, clientSecret } = body;
  const apiKey = encodeApiKey({ endpoint: devbox.url, clientId, clientSecret, org: "" });
  return { ...body, apiKey };
}

function revoke(id: string): Promise<Response> {
  return fetch(`${devbox.url}/devbox/v1/api-keys/${id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${devbox.keys["alice"]}` },
  });
}

const transport = () => createConnectTransport({ baseUrl: devbox.url, httpVersion: "1.1" });

/** Whom the devbox takes a bearer for. */
async function whoIs(bearer: string): Promise<string> {
  const headers = { authorization: `Bearer ${bearer}` };
  return (await createClient(IdentityService, transport()).userInfo({}, { headers })).subject;
}

interface TokenAnswer {
  readonly status: number;
  readonly challenge: string | null;
  readonly body: Readonly<Record<string, string | number>>;
}

async function askToken(
  form: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const answer = await fetch(`${devbox.url}/oauth2/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: form,
  });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const body = (await answer.json()) as TokenAnswer["body"];
  return { status: answer.status, challenge: answer.headers.get("www-authenticate"), body };
}

const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
const grant = "grant_type=client_credentials";

test("a key works in both forms as a bearer, at the control plane and through a webhook", async () => {
  const { key, apiKey } = await createKey({ user: "two-forms", role: "viewer" });
  await using controlPlane = createControlPlane({
    endpoint: devbox.url,
    project: "flytesnacks",
    domain: "development",
  });
  const webhook = createWebhook({ name: "keys", controlPlane });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => webhook.close());
  for (const form of [key, apiKey, apiKey.replace(/=+$/, "")]) {
    expect(await whoIs(form)).toBe("two-forms");
    expect((await createCaller(url, form).get("/me")).body).toMatchObject({ subject: "two-forms" });
  }
});

test("a key works in both forms at the gateway, and names its user to the app", async () => {
  await using gateway = await startTestGateway();
  const app = await httpApp((request, response) => {
    response.end(request.headers["x-flyte-user-subject"]);
  });
  const host = gateway.add("app", () => app);
  const [, clientId = "", clientSecret = ""] =
    /^fwk_([^_]+)_(.+)$/.exec(gateway.keys["alice"] ?? "") ?? [];
  const apiKey = encodeApiKey({ endpoint: "http://[::1]:1", clientId, clientSecret, org: "o" });
  for (const [bearer, status] of [
    [gateway.keys["alice"], 200],
    [apiKey, 200],
    [apiKey.slice(0, -8), 401],
  ] as const) {
    const request = rawRequest("GET /", [`authorization: Bearer ${bearer}`]);
    const answer = await sendRaw(gateway.url, request.replace("host: test", `host: ${host}`));
    expect(answer.status).toBe(status);
    expect(answer.body.includes("alice")).toBe(status === 200);
  }
});

test("a program that is given a key alone finds the devbox, and owns the runs it starts", async () => {
  const { apiKey } = await createKey({ user: "program", role: "deployer" });
  const task = await connect(devbox, "alice").deployScript("keys.owned", "true");
  const surroundings = { env: {}, cwd: "/", home: "/", interactive: false, notify: vi.fn() };
  const flyte = await init({ apiKey, project: "flytesnacks", domain: "development", surroundings });
  onTestFinished(closeControlPlane);
  expect(flyte.endpoint).toBe(devbox.url);
  expect(await flyte.users.me()).toMatchObject({ subject: "program" });
  const run = await flyte.runs.start({ name: task.name }, {});
  expect((await flyte.runs.wait(run)).owner).toBe("program");
});

test("the devbox tells where tokens are got, behind a proxy that ends TLS too", async () => {
  const client = createClient(AuthMetadataService, transport());
  const metadata = await client.getOAuth2Metadata({});
  expect(metadata).toMatchObject({
    issuer: devbox.url,
    tokenEndpoint: `${devbox.url}/oauth2/token`,
    authorizationEndpoint: "",
    deviceAuthorizationEndpoint: "",
  });
  const headers = { "x-forwarded-proto": "https" };
  expect((await client.getOAuth2Metadata({}, { headers })).tokenEndpoint).toBe(
    `${devbox.url.replace("http:", "https:")}/oauth2/token`,
  );
});

test("client id and secret get a token for an hour, in the header or in the form", async () => {
  const { clientId, clientSecret, key } = await createKey({ user: "bob" });
  const encoded = encodeURIComponent(clientSecret).replaceAll("-", "%2D");
  for (const answer of [
    await askToken(grant, { authorization: basic(clientId, clientSecret) }),
    await askToken(`${grant}&scope=all`, { authorization: basic(clientId, encoded) }),
    await askToken(`${grant}&client_id=${clientId}&client_secret=${clientSecret}`),
  ]) {
    expect(answer).toMatchObject({ status: 200, body: { token_type: "Bearer", expires_in: 3600 } });
    const token = String(answer.body["access_token"]);
    expect(token).toMatch(/^fwt_/);
    expect(token).not.toContain(clientSecret);
    expect(key).not.toContain(token);
    expect(await whoIs(token)).toBe("bob");
  }
});

test("a token ends with its key", async () => {
  const { id, clientId, clientSecret } = await createKey({ user: "bob", expiresIn: "30m" });
  const authorization = basic(clientId, clientSecret);
  const { body } = await askToken(grant, { authorization });
  expect(body["expires_in"]).toBeGreaterThan(1_700);
  expect(body["expires_in"]).toBeLessThanOrEqual(1_800);
  const token = String(body["access_token"]);
  expect(await whoIs(token)).toBe("bob");
  expect((await revoke(id)).status).toBe(200);
  await expect(whoIs(token)).rejects.toMatchObject({ code: Code.Unauthenticated });
  expect(await askToken(grant, { authorization })).toMatchObject({
    status: 401,
    challenge: 'Basic realm="flyte"',
    body: { error: "invalid_client" },
  });
});

test("a token is no client secret, and gets no other token", async () => {
  const { clientId, clientSecret } = await createKey({ user: "bob" });
  const { body } = await askToken(grant, { authorization: basic(clientId, clientSecret) });
  const token = String(body["access_token"]);
  expect(await askToken(grant, { authorization: basic(clientId, token) })).toMatchObject({
    status: 401,
  });
  expect(await askToken(grant, { authorization: `Bearer ${token}` })).toMatchObject({
    status: 401,
  });
});

const id = "0123456789abcdef";
const secret = "a".repeat(43);

test.each<
  [what: string, form: string, headers: Record<string, string>, status: number, error: string]
>([
  ["without a grant", "", {}, 400, "invalid_request"],
  ["for another grant", "grant_type=password", {}, 400, "unsupported_grant_type"],
  ["for two grants", `${grant}&${grant}`, {}, 400, "invalid_request"],
  ["without a client", grant, {}, 401, "invalid_client"],
  ["of an unknown client", grant, { authorization: basic(id, secret) }, 401, "invalid_client"],
  ["of an empty client", grant, { authorization: basic("", "") }, 401, "invalid_client"],
  ["without a colon", grant, { authorization: "Basic YWJj" }, 401, "invalid_client"],
  ["of no base64", grant, { authorization: "Basic ###" }, 401, "invalid_client"],
  ["of bytes", grant, { authorization: "Basic //79Ov8=" }, 401, "invalid_client"],
  ["with a broken escape", grant, { authorization: basic(id, "%zz") }, 401, "invalid_client"],
  ["with a SQL quote", `${grant}&client_id='--&client_secret=x`, {}, 401, "invalid_client"],
  ["with a prototype key", `${grant}&__proto__=x`, {}, 401, "invalid_client"],
  [
    "of two clients",
    `${grant}&client_id=${id}&client_secret=${secret}`,
    { authorization: basic(id, secret) },
    400,
    "invalid_request",
  ],
  [
    "of a client and another's name",
    `${grant}&client_id=other`,
    { authorization: basic(id, secret) },
    400,
    "invalid_request",
  ],
  ["as JSON", "{}", { "content-type": "application/json" }, 400, "invalid_request"],
  ["too long", `${grant}&x=${"x".repeat(9_000)}`, {}, 413, "invalid_request"],
])("a token request %s is refused", async (_, form, headers, status, error) => {
  const answer = await askToken(form, headers);
  expect(answer).toMatchObject({ status, body: { error } });
  expect(JSON.stringify(answer.body)).not.toContain(secret);
});

test("a token endpoint that is read answers how it is used", async () => {
  const answer = await fetch(`${devbox.url}/oauth2/token`);
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
});

test.each([
  ["a token of a key that is not there", `fwt_${id}_9999999999999_${secret}`],
  ["a token that has ended", `fwt_${id}_1_${secret}`],
  [
    "a key that is not there",
    encodeApiKey({ endpoint: "h", clientId: id, clientSecret: secret, org: "" }),
  ],
  ["a key without an org's place", Buffer.from(`h:${id}:${secret}`).toString("base64")],
  ["base64 of the plain form", Buffer.from(`fwk_${id}_${secret}`).toString("base64")],
  ["a very long text", "QQ".repeat(6_000)],
])("%s proves nothing", async (_, bearer) => {
  await expect(whoIs(bearer)).rejects.toMatchObject({ code: Code.Unauthenticated });
});

test("a wrong secret proves nothing in either form", async () => {
  const { clientId, key } = await createKey({ user: "bob" });
  expect(await whoIs(key)).toBe("bob");
  const wrong = encodeApiKey({ endpoint: "h", clientId, clientSecret: secret, org: "" });
  for (const bearer of [
    wrong,
    `fwk_${clientId}_${secret}`,
    `fwt_${clientId}_9999999999999_${secret}`,
  ]) {
    await expect(whoIs(bearer)).rejects.toMatchObject({ code: Code.Unauthenticated });
  }
});

test("a person at a terminal is told that only a key helps", async () => {
  const surroundings = { env: {}, cwd: "/", home: "/", interactive: true, notify: vi.fn() };
  const flyte = await init({ endpoint: devbox.url, surroundings });
  onTestFinished(closeControlPlane);
  await expect(flyte.users.me()).rejects.toMatchObject({
    code: "unauthenticated",
    message: expect.stringMatching(/offers no way to sign in.*FLYTE_API_KEY/),
  });
});
