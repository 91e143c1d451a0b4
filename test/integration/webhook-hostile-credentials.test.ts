import { expect, test } from "vitest";
import { describeHostile, type HostileRow, modes, startFenced } from "../support/hostile-rows.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";

const secret = "key-of-alice";
const own = `authorization: Bearer ${secret}`;

type HeaderRow = readonly [name: string, headers: readonly string[], status: number];

const malformed: readonly HeaderRow[] = [
  ["nothing", [], 401],
  ["an empty value", ["authorization:"], 401],
  ["spaces", ["authorization:    "], 401],
  ["a tab", ["authorization: \t "], 401],
  ["a scheme alone", ["authorization: Bearer"], 401],
  ["a scheme and a space", ["authorization: Bearer "], 401],
  ["a scheme in other letters", ["authorization: bEARER"], 401],
  ["basic alone", ["authorization: Basic"], 401],
  ["an empty cookie", ["cookie:"], 401],
  ["both empty", ["authorization:", "cookie: "], 401],
  ["two", [own, "authorization: Bearer b"], 400],
  ["the same twice", [own, own], 400],
  ["two in other letters", [own, "AUTHORIZATION: Bearer b"], 400],
  ["an empty one first", ["authorization:", own], 400],
  ["an empty one last", [own, "authorization:"], 400],
  ["two cookies", ["cookie: a=b", "cookie: c=d"], 400],
  ["a good one and two cookies", [own, "cookie: a=b", "cookie: c=d"], 400],
  ["a non-ASCII byte", ["authorization: Bearer \u00e9"], 400],
  ["all non-ASCII", [`authorization: Bearer ${"\u00ff".repeat(71)}`], 400],
  ["UTF-8", ["authorization: Bearer \u00c3\u00a9"], 400],
  ["a tab inside", ["authorization: Bearer a\tb"], 400],
  ["a NUL", ["authorization: Bearer a\0b"], 400],
  ["a DEL", ["authorization: Bearer a\x7fb"], 400],
  ["an escape", ["authorization: Bearer \x1b[31m"], 400],
  ["a bare carriage return", ["authorization: Bearer a\rx-evil: 1"], 400],
  ["a cookie with a control character", ["cookie: a=\x01"], 400],
  ["a space before the colon", [`authorization : Bearer ${secret}`], 400],
  ["a folded line", ["authorization: Bearer a\r\n b"], 400],
  ["a name with a space", [`x authorization: Bearer ${secret}`], 400],
  ["a name that starts with a space", [` authorization: Bearer ${secret}`], 400],
  ["no name", [`: Bearer ${secret}`], 400],
];

const elsewhere: readonly HeaderRow[] = [
  ["x-forwarded-authorization", [`x-forwarded-authorization: Bearer ${secret}`], 401],
  ["x-auth-token", [`x-auth-token: ${secret}`], 401],
  ["x-api-key", [`x-api-key: ${secret}`], 401],
  ["proxy-authorization", [`proxy-authorization: Bearer ${secret}`], 401],
  ["an underscore", [`author_ization: Bearer ${secret}`], 401],
  ["cookie2", ["cookie2: a=b"], 401],
  ["a user another proxy vouches for", ["x-forwarded-user: admin", "x-remote-user: admin"], 401],
  ["a client certificate", ["x-forwarded-client-cert: By=spiffe://x;Subject=admin"], 401],
  ["a basic login in the host", ["x-forwarded-host: admin:admin@test"], 401],
  ["gRPC metadata", ["grpc-metadata-authorization: Bearer a"], 401],
  ["the protocol of the calls", ["connect-protocol-version: 1", "x-user-agent: grpc"], 401],
  ["a websocket protocol", ["sec-websocket-protocol: bearer, token"], 401],
];

const claims: readonly HeaderRow[] = [
  ["another path", ["x-forwarded-uri: /health", "x-original-url: /health"], 401],
  ["a rewritten path", ["x-rewrite-url: /health", "x-original-uri: /health"], 401],
  ["another prefix", ["x-forwarded-prefix: /health", "x-forwarded-path: /health"], 401],
  ["another method", ["x-http-method-override: OPTIONS", "x-method-override: OPTIONS"], 401],
  ["to be a probe", ["user-agent: kube-probe/1.30"], 401],
  ["to be another probe", ["user-agent: GoogleHC/1.0", "x-health-check: 1"], 401],
  ["to be near", ["x-forwarded-for: 127.0.0.1", "x-real-ip: 127.0.0.1"], 401],
  ["to be the proxy", ["forwarded: for=127.0.0.1;host=localhost;proto=https"], 401],
  ["to be internal", ["x-internal-request: true", "x-envoy-internal: true"], 401],
  ["to ask before a request", ["access-control-request-method: GET", "origin: http://test"], 401],
];

const connection: readonly HeaderRow[] = [
  ["authorization", ["connection: authorization", own], 400],
  ["it among others", ["connection: keep-alive, Authorization", own], 400],
  ["it without a space", ["connection: x,AUTHORIZATION,y", own], 400],
  ["it with a tab", ["connection: x,\tauthorization", own], 400],
  ["it without sending it", ["connection: authorization"], 400],
  ["a cookie", ["connection: cookie", "cookie: a=b"], 400],
  ["a cookie in a second header", ["connection: x", "connection: Cookie", "cookie: a=b"], 400],
];

const onMe = ([name, headers, status]: HeaderRow): HostileRow => ({
  name,
  line: "GET /me",
  headers,
  status,
});

describeHostile("a credential of", malformed.map(onMe));
describeHostile("a credential only in", elsewhere.map(onMe));
describeHostile("a caller without a credential who claims", claims.map(onMe));
describeHostile("a connection that claims", connection.map(onMe));

const notPublic = [
  "/health/../me",
  "/health/..;/me",
  "/health%2f..%2fme",
  "/health%2F",
  "//health",
  "/health;x",
  "/health/",
  "/health/.",
  "/health.",
  "/health%20",
  "/%68ealth",
  "/%2Fhealth",
  "/health%00",
  "/health%23",
  "/health%3F",
  "/health/me",
  "/healthz",
  "/HEALTH",
  "/Health",
  "/%2e/health",
  "/./health",
  "/x/../health",
  "/me?/health",
  "/me?path=/health",
  "/me?a=/health&/health",
  "/me#/health",
  "/me%3f/health",
  "/docs/../me",
  "/docs%2f..%2fme",
  "/docs/",
  "/docs/init.js/../../me",
  "/openapi.json/../me",
  "/openapi.json%00",
  "/redoc/../run/x",
  "/openapi",
  "http://test/health",
  "http://evil.example/health",
  "*",
  "/me?authorization=Bearer%20key-of-alice",
  "/me?access_token=key-of-alice",
  "/me?api_key=key-of-alice&token=key-of-alice",
  "/run/x/../../health",
  "/app/my-app/../../health",
];

describeHostile(
  "without a credential, a target like a public one",
  notPublic.map((path) => ({ name: path, line: `GET ${path}`, headers: [], status: 401 })),
);

for (const mode of modes) {
  test(`a public path is public with any query, for the methods it has (${mode})`, async () => {
    await using webhook = await startFenced(mode);
    for (const path of ["/health", "/health?x=/me", "/openapi.json?a=b"]) {
      expect((await sendRaw(webhook.url, rawRequest(`GET ${path}`))).status).toBe(200);
    }
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"]) {
      const answer = await sendRaw(webhook.url, rawRequest(`${method} /health`));
      expect(`${method} ${answer.status}`).toBe(`${method} 405`);
    }
    expect(webhook.stub.takeMethods()).toEqual([]);
  });

  test(`a credential reaches the control plane untouched, and nothing beside it (${mode})`, async () => {
    await using webhook = await startFenced(mode);
    const odd = 'Bearer a b, c="d"; e=f';
    const headers = [`Authorization: ${odd}`, "Cookie: a=b; c=d", "x-forwarded-user: admin"];
    expect((await sendRaw(webhook.url, rawRequest("GET /me", headers))).status).toBe(200);
    expect(webhook.stub.calls).toEqual([
      { method: "userInfo", authorization: odd, cookie: "a=b; c=d" },
    ]);
  });
}

test("a request id that could break a log line is replaced", async () => {
  await using webhook = await startFenced("problems");
  const read = async (id: string) => {
    const headers = [own, `x-request-id: ${id}`];
    const { body } = await sendRaw(webhook.url, rawRequest("GET /nope", headers));
    return JSON.parse(body).requestId;
  };
  expect(await read("ci-42.a_b")).toBe("ci-42.a_b");
  for (const id of ["a b", "<x>", "x".repeat(129), "", "a,b", "\u00e9"]) {
    expect(await read(id)).toMatch(/^[0-9a-f-]{36}$/);
  }
});
