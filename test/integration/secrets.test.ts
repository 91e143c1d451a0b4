import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { Endpoint } from "../../src/webhook/endpoint.ts";
import { endpoints } from "../../src/webhook/endpoints.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { createLog } from "../support/log.ts";

const cookie = "session=planted-cookie-value; theme=dark";
const garbage = "planted-garbage-key";

let server: ServerProcess;

beforeAll(async () => {
  const memory = ["--state", "memory", "--port", "0", "--devbox-port", "0"];
  server = await ServerProcess.start(["dev", ...memory, "--log-level", "debug"]);
});

afterAll(() => server?.[Symbol.asyncDispose]());

/** The address of an endpoint: of things that are there, or of things that are not. */
function addressOf({ path }: Endpoint, names: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? "absent");
}

interface Sent {
  readonly status: number;
  /** Everything that came back: the headers and the body. */
  readonly text: string;
}

async function send(
  url: string,
  endpoint: Endpoint,
  authorization: string,
  body = '{"values":["planted-input"]}',
): Promise<Sent> {
  const query = "token=planted-query-value&path=planted-query-value&repo=planted-query-value";
  const post = endpoint.method === "POST";
  const answer = await fetch(`${url}?${query}`, {
    method: endpoint.method,
    headers: { authorization, cookie, ...(post && { "content-type": "application/json" }) },
    ...(post && { body }),
  });
  const headers = JSON.stringify([...answer.headers]);
  return { status: answer.status, text: `${headers}\n${await answer.text()}` };
}

test("no credential, query or input of a request is in a log, no credential in an answer", async () => {
  const { webhook, keys } = server.ready;
  const key = keys["alice"] ?? "";
  const failing = { domain: "development", project: "flytesnacks", name: "failing.always" };
  const present = { domain: "development", project: "flytesnacks", name: "stats.describe" };
  const statuses = new Map<string, number[]>();
  const texts: string[] = [];
  for (const endpoint of endpoints) {
    const sent = [
      await send(webhook + addressOf(endpoint, present), endpoint, `Bearer ${key}`),
      await send(
        webhook + addressOf(endpoint, present),
        endpoint,
        `Bearer ${key}`,
        '{"values":[1]}',
      ),
      await send(webhook + addressOf(endpoint, {}), endpoint, `Bearer ${key}`),
      await send(webhook + addressOf(endpoint, present), endpoint, `Bearer ${garbage}`),
      await send(webhook + addressOf(endpoint, present), endpoint, `Bearer ${garbage}\u00e9`),
    ];
    statuses.set(
      endpoint.name,
      sent.map(({ status }) => status),
    );
    texts.push(...sent.map(({ text }) => text));
  }
  const runTask = endpoints.find(({ name }) => name === "run_task");
  if (runTask === undefined) throw new Error("no run_task");
  const started = await send(
    webhook + addressOf(runTask, failing),
    runTask,
    `Bearer ${key}`,
    '{"reason":"planted-input"}',
  );
  expect(started.status).toBe(200);
  texts.push(started.text);
  // What the server writes comes on another way than its answers.
  await fetch(`${webhook}/health`, { headers: { "x-request-id": "the-last-request" } });
  await expect.poll(() => server.stderr).toContain("the-last-request");
  expect(statuses.get("me")).toEqual([200, 200, 200, 401, 400]);
  expect(statuses.get("run_task")).toEqual([400, 200, 404, 401, 400]);
  expect(statuses.get("get_task")).toEqual([200, 200, 404, 401, 400]);
  for (const secret of [key, key.slice(-20), garbage, "planted-cookie-value"]) {
    expect(texts.join("\n")).not.toContain(secret);
    expect(server.stderr).not.toContain(secret);
  }
  expect(server.stderr).toContain('"route":"/run-task/:domain/:project/:name"');
  expect(server.stderr).not.toContain("planted");
});

const codes = [
  "internal",
  "unknown",
  "unavailable",
  "resource_exhausted",
  "permission_denied",
  "unauthenticated",
  "invalid_argument",
  "failed_precondition",
  "already_exists",
  "unimplemented",
  "deadline_exceeded",
];

test.each([403, 404])(
  "a proxy's own page with status %i does not tell where the control plane is",
  async (status) => {
    const upstream = createServer((_request, response) => {
      response.writeHead(status, { "content-type": "text/html" }).end("<h1>planted-page</h1>");
    });
    upstream.listen(0, "127.0.0.1");
    await once(upstream, "listening");
    const { port } = upstream.address() as AddressInfo;
    await using controlPlane = createControlPlane({
      endpoint: `http://127.0.0.1:${port}`,
      project: "p",
      domain: "d",
    });
    const webhook = createWebhook({ name: "proxied", controlPlane });
    const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
    const answer = await fetch(`${url}/me`, { headers: { authorization: "Bearer a" } });
    expect(answer.status).toBe(status === 404 ? 501 : status);
    const text = await answer.text();
    expect(text).not.toContain(String(port));
    expect(text).not.toContain("planted");
    await webhook.close();
    upstream.close();
  },
);

test("a control plane that quotes the credential in its errors does not make it public", async () => {
  let code = "";
  const upstream = createServer((request, response) => {
    const message = `you sent ${JSON.stringify(request.headers)}`;
    response.writeHead(500, {
      "content-type": "application/json",
      "set-cookie": cookie,
      "x-echo": request.headers.authorization,
    });
    response.end(JSON.stringify({ code, message }));
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const { logger, lines } = createLog();
  const { port } = upstream.address() as AddressInfo;
  await using controlPlane = createControlPlane({
    endpoint: `http://127.0.0.1:${port}`,
    project: "p",
    domain: "d",
    retries: 0,
  });
  const webhook = createWebhook({ name: "quoting", controlPlane, logger });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  const texts: string[] = [];
  for (code of codes) {
    for (const endpoint of endpoints) {
      const sent = await send(url + addressOf(endpoint, {}), endpoint, "Bearer planted-bearer-key");
      texts.push(sent.text);
    }
  }
  await webhook.close();
  upstream.close();
  expect(lines.some((line) => line.includes("you sent"))).toBe(true);
  expect(texts.some((text) => text.includes("you sent"))).toBe(true);
  expect(lines.join("\n")).not.toContain("planted");
  expect(texts.join("\n")).not.toContain("planted");
});
