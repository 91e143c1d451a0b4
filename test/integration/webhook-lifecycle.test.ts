import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { createCaller } from "../support/http.ts";
import { createLog } from "../support/log.ts";
import { startTestWebhook } from "../support/webhook.ts";

test("each request is one line, without credentials, queries or names from the path", async () => {
  const { logger, lines } = createLog();
  await using webhook = await startTestWebhook({ logger });
  lines.length = 0;
  const headers = {
    authorization: "Bearer planted-key",
    cookie: "session=planted-cookie",
    "x-request-id": "ci-1",
  };
  await fetch(`${webhook.url}/run/run-of-other?project=planted-query`, { headers });
  await fetch(`${webhook.url}/planted-path`, { headers });
  await fetch(`${webhook.url}/me?token=planted-query`);
  await fetch(`${webhook.url}/run/%zz?token=planted-query`, { headers });
  expect(lines.length).toBeLessThanOrEqual(4);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    requestId: "ci-1",
    method: "GET",
    route: "/run/:name",
    status: 200,
    ms: expect.any(Number),
    msg: "request",
  });
  expect(lines.join("\n")).not.toContain("planted");
});

test("an unexpected error is logged with its cause under the id that the caller got", async () => {
  const { logger, lines } = createLog();
  await using webhook = await startTestWebhook({ logger });
  webhook.stub.failures.set("userInfo", new ConnectError("the reason", Code.Internal));
  const { body } = await createCaller(webhook.url, "planted-key").get("/me");
  const line = lines.find((text) => text.includes("request failed")) ?? "";
  expect(JSON.parse(line)).toMatchObject({ requestId: body.requestId, level: 50 });
  expect(line).toContain("the reason");
  expect(lines.join("\n")).not.toContain("planted");
});

test("the reason why a control plane is out of reach is in the log, not in the answer", async () => {
  const { logger, lines } = createLog();
  await using webhook = await startTestWebhook({ logger });
  await webhook.stub[Symbol.asyncDispose]();
  const answer = await createCaller(webhook.url, "planted-key").get("/me");
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("5");
  expect(JSON.stringify(answer.body)).not.toContain("ECONNREFUSED");
  const line = lines.find((text) => text.includes("request failed")) ?? "";
  expect(JSON.parse(line)).toMatchObject({ requestId: answer.body.requestId, level: 40 });
  expect(line).toContain("ECONNREFUSED");
  expect(lines.join("\n")).not.toContain("planted");
});

test("closing lets a running request end and takes no new one", async () => {
  let release = (): void => {};
  const upstream = createServer((_request, response) => {
    release = () => {
      response.writeHead(403, { "content-type": "application/json" });
      response.end('{"code":"permission_denied"}');
    };
    upstream.emit("asked");
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const controlPlane = createControlPlane({
    endpoint: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
    project: "p",
    domain: "d",
    retries: 0,
  });
  const webhook = createWebhook({ name: "closing", controlPlane });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  const asked = once(upstream, "asked");
  const running = fetch(`${url}/me`, { headers: { authorization: "Bearer a" } });
  await asked;
  const closing = webhook.close();
  release();
  expect((await running).status).toBe(403);
  await closing;
  await expect(fetch(`${url}/health`)).rejects.toThrow();
  await controlPlane.close();
  upstream.close();
});

test("a caller who goes away stops the reading on its behalf", async () => {
  const upstream = createServer((request) => {
    upstream.emit("asked");
    request.socket.once("close", () => upstream.emit("given-up"));
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const controlPlane = createControlPlane({
    endpoint: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
    project: "p",
    domain: "d",
    retries: 0,
  });
  const webhook = createWebhook({ name: "leaving", controlPlane });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  const asked = once(upstream, "asked");
  const givenUp = once(upstream, "given-up");
  const caller = httpRequest(`${url}/run/abc`, { headers: { authorization: "Bearer a" } });
  caller.on("error", () => {}); // it was cut off on purpose
  caller.end();
  await asked;
  caller.destroy();
  await givenUp;
  await webhook.close();
  await controlPlane.close();
  upstream.close();
});

test("closing does not wait for requests that never arrive whole", async () => {
  const controlPlane = createControlPlane({
    endpoint: "http://127.0.0.1:9",
    project: "p",
    domain: "d",
  });
  const webhook = createWebhook({ name: "slow", controlPlane, closeGraceMs: 50 });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  const head = "POST /run-task/a/b/c HTTP/1.1\r\nhost: a\r\nauthorization: Bearer a\r\n";
  const slow = [
    "",
    "GET /heal",
    "GET /health HTTP/1.1\r\nhost: a\r\n\r\nGET /heal",
    `${head}content-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
    `${head}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n`,
    `${head}content-type: text/plain\r\ncontent-length: 9\r\n\r\n{`,
  ];
  const sent = slow.map((bytes) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => {}); // it is cut off on purpose
    socket.write(bytes);
    return socket;
  });
  await Promise.all(sent.map((socket) => once(socket, "connect")));
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const cut = sent.map((socket) => once(socket.resume(), "close"));
  await webhook.close();
  await Promise.all(cut);
  await controlPlane.close();
});
