import { once } from "node:events";
import { connect } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { type ExposedFamily, exposedValue, parseExposition } from "../support/exposition.ts";
import { createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook } from "../support/webhook.ts";

async function read(
  url: string,
  headers: Record<string, string> = {},
): Promise<readonly ExposedFamily[]> {
  const answer = await fetch(`${url}/metrics`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return parseExposition(await answer.text());
}

/** Sends requests one after the other on one connection, all at once, and counts the answers. */
async function pipeline(url: string, requests: readonly string[]): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk) => (text += chunk));
  socket.on("error", () => {}); // a reset after the last answer is the server's right
  socket.write(requests.join(""));
  await once(socket, "close");
  return text.split(/HTTP\/1\.1 \d{3} /).length - 1;
}

test("requests are counted by endpoint, method and status, and measured", async () => {
  await using webhook = await startTestWebhook();
  const caller = createCaller(webhook.url, "key");
  await caller.get("/me");
  await caller.get("/me");
  await createCaller(webhook.url).get("/me");
  webhook.stub.failures.set("userInfo", new ConnectError("down", Code.Unavailable));
  await caller.get("/me");
  await caller.get("/planted-path");
  await caller.get("/docs");
  await sendRaw(webhook.url, rawRequest("PROPFIND /me", ["authorization: Bearer key"]));
  await sendRaw(webhook.url, "GET /planted path HTTP/1.1\r\nhost: a\r\n\r\n");
  const families = await read(webhook.url);
  const requests = (endpoint: string, method: string, status: number) =>
    exposedValue(families, "flyte_webhook_requests_total", {
      endpoint,
      method,
      status: String(status),
    });
  expect(requests("me", "GET", 200)).toBe(2);
  expect(requests("me", "GET", 401)).toBe(1);
  expect(requests("me", "GET", 503)).toBe(1);
  expect(requests("none", "GET", 404)).toBe(1);
  expect(requests("docs", "GET", 200)).toBe(1);
  expect(requests("none", "other", 405)).toBe(1);
  expect(requests("none", "other", 400)).toBe(1);
  expect(
    exposedValue(families, "flyte_webhook_request_duration_seconds_count", { endpoint: "me" }),
  ).toBe(4);
  expect(exposedValue(families, "flyte_webhook_requests_in_flight")).toBe(1); // this one
  expect(exposedValue(families, "process_cpu_seconds_total")).toBeGreaterThan(0);
});

test("calls to the control plane are counted by method and code, each try", async () => {
  await using webhook = await startTestWebhook();
  const caller = createCaller(webhook.url, "key");
  await caller.get("/me");
  webhook.stub.failures.set("userInfo", new ConnectError("no", Code.PermissionDenied));
  await caller.get("/me");
  const families = await read(webhook.url);
  const labels = { service: "flyteidl2.auth.IdentityService", method: "UserInfo" };
  const calls = (code: string) =>
    exposedValue(families, "flyte_webhook_rpcs_total", { ...labels, code });
  expect([calls("ok"), calls("permission_denied")]).toEqual([1, 1]);
  expect(exposedValue(families, "flyte_webhook_rpc_duration_seconds_count", labels)).toBe(2);
  expect(exposedValue(families, "flyte_webhook_rpc_retries_total", labels)).toBeUndefined();
});

test("names and units follow the rules, and nothing that callers send is in them", async () => {
  await using webhook = await startTestWebhook();
  const caller = createCaller(webhook.url, "planted-key");
  await caller.post("/run-task/development/flytesnacks/planted.task", { planted: "input" });
  await caller.get("/run/planted-run?project=planted-project");
  const answer = await fetch(`${webhook.url}/metrics?planted=query`);
  const text = await answer.text();
  expect(text).not.toContain("planted");
  for (const { name, type, help } of parseExposition(text)) {
    expect(name).toMatch(/^(?:flyte_webhook|process|nodejs)_[a-z0-9_]+$/);
    expect(help).not.toBe("");
    if (!name.startsWith("flyte_webhook_")) continue;
    expect(`${name} ${type} ${name.endsWith("_total")}`).toBe(
      `${name} ${type} ${type === "counter"}`,
    );
    if (type === "histogram") expect(name).toMatch(/_seconds$/);
  }
});

test("requests with paths and methods of their own add no series, however many", async () => {
  await using webhook = await startTestWebhook();
  const methods = ["GET", "POST", "DELETE", "PATCH", "PROPFIND", "MKCOL", "LOCK", "SEARCH"];
  const paths = ["", "/run", "/task/a/b", "/hooks", "/me"];
  const hostile = (index: number): string => {
    const method = methods[index % methods.length];
    const path = paths[index % paths.length];
    const headers = `host: test\r\nauthorization: Bearer ${index}\r\nx-request-id: ${index}\r\n`;
    return `${method} ${path}/${index}%20${index} HTTP/1.1\r\n${headers}content-length: 0\r\n`;
  };
  const send = async (from: number, count: number): Promise<number> => {
    const requests = Array.from({ length: count }, (_, index) => hostile(from + index));
    return pipeline(webhook.url, [`${requests.join("\r\n")}connection: close\r\n\r\n`]);
  };
  const size = async (): Promise<number> => {
    const own = (await read(webhook.url)).filter(({ name }) => name.startsWith("flyte_webhook_"));
    return own.flatMap(({ samples }) => samples).length;
  };
  await read(webhook.url); // which counts itself
  // Each method with each path.
  const kinds = methods.length * paths.length;
  expect(await send(0, kinds)).toBe(kinds);
  const before = await size();
  for (const from of [1_000, 2_000]) expect(await send(from, 500)).toBe(500);
  expect(await size()).toBe(before);
});

test("callers that go away while requests wait for their turn are not counted as in flight for ever", async () => {
  await using webhook = await startTestWebhook();
  const { hostname, port } = new URL(webhook.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  const request = "GET /me HTTP/1.1\r\nhost: a\r\nauthorization: Bearer a\r\n\r\n";
  socket.write(request.repeat(20));
  await once(socket, "data");
  socket.destroy();
  for (;;) {
    const inFlight = exposedValue(await read(webhook.url), "flyte_webhook_requests_in_flight");
    if (inFlight === 1) break;
  }
});

const token = "a token of sixteen".replaceAll(" ", "-");

test("with a token the metrics are for those who hold it", async () => {
  await using webhook = await startTestWebhook({ metricsToken: token });
  for (const wrong of [
    "",
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    `Basic ${token}`,
    "Bearer",
    token,
  ]) {
    const headers = wrong === "" ? {} : { authorization: wrong };
    const answer = await fetch(`${webhook.url}/metrics`, { headers });
    expect(`${wrong} ${answer.status}`).toBe(`${wrong} 401`);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await answer.text()).not.toContain("flyte_webhook_");
  }
  await read(webhook.url, { authorization: `Bearer ${token}` });
  await read(webhook.url, { authorization: `bearer ${token}` });
});

test.each(["", "short", "with a space in the middle", `${"a".repeat(20)}\n`])(
  "the token %j is refused at construction",
  async (metricsToken) => {
    await expect(startTestWebhook({ metricsToken })).rejects.toThrow(
      /metricsToken must have at least 16/,
    );
  },
);

test("metrics are served where they are named, and nowhere else", async () => {
  await using webhook = await startTestWebhook({ endpointGroups: ["all"] });
  for (const path of ["/metrics", "/ready"]) {
    expect((await createCaller(webhook.url, "key").get(path)).status).toBe(404);
  }
});
