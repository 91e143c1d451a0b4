import { once } from "node:events";
import { createServer, request as httpRequest, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import "../support/property-seed.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { Lifecycle } from "../../src/webhook/ready/lifecycle.ts";
import { createCaller } from "../support/http.ts";

interface Hanging {
  readonly webhook: ReturnType<typeof createWebhook>;
  readonly url: string;
  /** Resolves with the control plane's side of the next call. */
  asked(): Promise<ServerResponse>;
}

/** In front of a control plane that answers when the test does. */
async function startHanging(
  options: Partial<WebhookOptions> = {},
  prepare: (app: Hanging["webhook"]) => void = () => undefined,
): Promise<Hanging> {
  const upstream = createServer((_request, response) => upstream.emit("asked", response));
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const { port } = upstream.address() as AddressInfo;
  const controlPlane = createControlPlane({
    ...{ endpoint: `http://127.0.0.1:${port}`, project: "p", domain: "d", retries: 0 },
  });
  const webhook = createWebhook({ name: "drain", controlPlane, ...options });
  prepare(webhook);
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    await webhook.close();
    await controlPlane.close();
    upstream.closeAllConnections();
    upstream.close();
  });
  return { webhook, url, asked: async () => (await once(upstream, "asked"))[0] };
}

function forbid(response: ServerResponse): void {
  response.writeHead(403, { "content-type": "application/json" });
  response.end('{"code":"permission_denied"}');
}

test("what runs at the end of the time is answered with the problem draining", async () => {
  const { webhook, url, asked } = await startHanging({ drainTimeoutMs: 50 });
  const asking = asked();
  const running = createCaller(url, "key").get("/me");
  await asking;
  await webhook.close();
  const { status, headers, body } = await running;
  expect(status).toBe(503);
  expect(body.code).toBe("draining");
  expect(headers.get("retry-after")).toBe("1");
  expect(headers.get("connection")).toBe("close");
});

test("of requests behind one another on a connection none is cut without an answer before", async () => {
  const { webhook, url, asked } = await startHanging({ drainTimeoutMs: 50 });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let got = "";
  socket.setEncoding("latin1").on("data", (chunk) => (got += chunk));
  const asking = asked();
  socket.write("GET /me HTTP/1.1\r\nhost: a\r\nauthorization: Bearer a\r\n\r\n".repeat(3));
  await asking;
  const ended = once(socket, "close");
  await webhook.close();
  await ended;
  expect(got.split("HTTP/1.1 503").length - 1).toBeGreaterThanOrEqual(1);
  expect(got.split("HTTP/1.1 ").length).toBe(got.split("HTTP/1.1 503").length);
});

test("connections that only the system has taken at the stop are answered", async () => {
  const { webhook, url } = await startHanging();
  const sockets = Array.from({ length: 50 }, () => connect(Number(new URL(url).port), "127.0.0.1"));
  const answers = sockets.map(async (socket) => {
    socket.write("GET /health HTTP/1.1\r\nhost: a\r\n\r\n");
    return text(socket).catch((error: NodeJS.ErrnoException) => error.code);
  });
  // They are connected in the turn after this one, in which the webhook takes none.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  await webhook.close();
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

test("an answer to a request that came before the stop closes its connection", async () => {
  const { webhook, url, asked } = await startHanging();
  const asking = asked();
  const running = createCaller(url, "key").get("/me");
  const upstream = await asking;
  const closing = webhook.close();
  forbid(upstream);
  const { status, headers } = await running;
  expect([status, headers.get("connection")]).toEqual([403, "close"]);
  await closing;
});

test("an answer that has begun is cut off at the end of the time", async () => {
  const { webhook, url } = await startHanging({ drainTimeoutMs: 50 }, (app) => {
    app.get("/begun", (_request, reply) => {
      reply.hijack();
      reply.raw.write("begun");
    });
  });
  const running = httpRequest(`${url}/begun`, { headers: { authorization: "Bearer a" } });
  running.end();
  const [response] = await once(running, "response");
  const failed = once(response, "error");
  response.resume();
  await webhook.close();
  expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
});

test("the stages only go forward, and an end is told of once", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("begin", "end")), (steps) => {
      const lifecycle = new Lifecycle();
      const order = ["starting", "serving", "draining"];
      let ends = 0;
      let last = 0;
      for (const step of steps) {
        if (step === "begin") lifecycle.begin();
        else if (lifecycle.end()) ends += 1;
        const now = order.indexOf(lifecycle.state);
        expect(now).toBeGreaterThanOrEqual(last);
        last = now;
      }
      expect(ends).toBe(steps.includes("end") ? 1 : 0);
    }),
  );
});

test.each([
  [{ drainTimeoutMs: 0 }, /drainTimeoutMs must be a whole number from 1/],
  [{ drainDelayMs: -1 }, /drainDelayMs must be a whole number from 0/],
  [{ drainDelayMs: 25_000 }, /drainDelayMs \(25000\) must be below drainTimeoutMs \(25000\)/],
])("%j is refused", (options, reason) => {
  const endpoint = "http://127.0.0.1:9";
  const controlPlane = createControlPlane({ endpoint, project: "p", domain: "d" });
  expect(() => createWebhook({ name: "a", controlPlane, ...options })).toThrow(reason);
});
