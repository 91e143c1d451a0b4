import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { constants, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTargetApp } from "../support/target-app.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let webhook: TestWebhook;
const limit = 100_000;

beforeAll(async () => {
  webhook = await startTestWebhook({ callResponseLimitBytes: limit });
});

afterAll(() => webhook[Symbol.asyncDispose]());
afterEach(async () => {
  webhook.stub.reset();
  expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
});

const call = (body: object) => createCaller(webhook.url, "key").post("/app/site/call", body);

describe("redirects are not followed, and lead no client to the webhook", () => {
  const locations: readonly (readonly [to: string, told: string | undefined])[] = [
    ["/run/r1/abort", "/run/r1/abort"],
    ["next?a=b#c", "/base/next?a=b"],
    ["OWN/x", "/x"],
    ["http://elsewhere.example/x", undefined],
    ["//elsewhere.example/x", undefined],
    ["https://OWNHOST/x", undefined],
    ["javascript:alert(1)", undefined],
    ["http://", undefined],
  ];

  for (const [to, told] of locations) {
    test(to, async () => {
      const app = await startTargetApp((response, { headers }) => {
        const host = headers.find(([name]) => name === "host")?.[1] ?? "";
        const location = to.replace("OWNHOST", host).replace("OWN", `http://${host}`);
        response.writeHead(307, { location }).end();
      });
      webhook.stub.apps.set("site", { endpoint: `${app.url}/base` });
      const { status, headers } = await call({ path: "/", method: "POST" });
      expect(status).toBe(307);
      expect(headers.get("location")).toBeNull();
      expect(headers.get("x-app-location")).toBe(told ?? null);
      expect(app.requests).toHaveLength(1);
    });
  }
});

describe("answers are bounded", () => {
  test("one that is announced to be too long is not passed on", async () => {
    const app = await startTargetApp((response) => {
      response.writeHead(200, { "content-length": limit + 1 });
      response.write("x");
    });
    webhook.stub.apps.set("site", { endpoint: app.url });
    const { status, body } = await call({ path: "/" });
    expect(status).toBe(502);
    expect(body.detail).toBe("App site answers more than the 100000 bytes that are passed on.");
    await app.left();
  });

  test("one of exactly the limit is passed on", async () => {
    const app = await startTargetApp((response) => response.end("x".repeat(limit)));
    webhook.stub.apps.set("site", { endpoint: app.url });
    expect((await call({ path: "/" })).body).toHaveLength(limit);
  });

  test("one that turns out too long, and never ends, is cut off", async () => {
    const app = await startTargetApp((response) => {
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(1_000)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    webhook.stub.apps.set("site", { endpoint: app.url });
    const headers = ["authorization: Bearer key"];
    const answer = await sendRaw(webhook.url, rawRequest("POST /app/site/call?path=/", headers));
    expect(answer.status).toBe(200);
    expect(answer.body.length).toBeLessThan(limit * 1.2);
    // The chunk that would say that this is all is missing.
    expect(answer.body.endsWith("0\r\n\r\n")).toBe(false);
    await app.left();
  });

  test("a compressed one is passed on as it is, never unpacked", async () => {
    const packed = gzipSync("0".repeat(5_000_000), { level: constants.Z_BEST_COMPRESSION });
    const app = await startTargetApp((response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-type": "text/plain" });
      response.end(packed);
    });
    webhook.stub.apps.set("site", { endpoint: app.url });
    const answer = await call({ path: "/" });
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect(answer.body).toHaveLength(5_000_000);
    expect(packed.length).toBeLessThan(limit);
  });
});

/** An app below HTTP, which answers every request with these bytes and hangs up. */
async function startRawApp(bytes: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(bytes, "latin1"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return `http://127.0.0.1:${port}`;
}

describe("an app that does not speak HTTP is a bad gateway", () => {
  for (const bytes of [
    "",
    "hello",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\nbroken header\r\n\r\n",
    "HTTP/1.1 999 No\r\ncontent-length: 0\r\n\r\n",
    "HTTP/1.1 600 No\r\ncontent-length: 0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
    `HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}\r\n\r\n`,
  ]) {
    test(JSON.stringify(bytes.slice(0, 60)), async () => {
      webhook.stub.apps.set("site", { endpoint: await startRawApp(bytes) });
      const { status, body } = await call({ path: "/" });
      expect(status).toBe(502);
      expect(body.detail).toMatch(/cannot be reached, or does not speak HTTP|status that is none/);
    });
  }

  test("and one that does not listen", async () => {
    webhook.stub.apps.set("site", { endpoint: "http://127.0.0.1:1" });
    const { status, body } = await call({ path: "/" });
    expect(status).toBe(502);
    expect(JSON.stringify(body)).not.toMatch(/ECONN|127\.0\.0\.1/);
  });
});

for (const type of ["text/plain\u00e9", "a, b", "x".repeat(2_000)]) {
  test(`a media type such as ${type.slice(0, 12)} breaks nothing`, async () => {
    const raw = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: 1\r\n\r\nx`;
    webhook.stub.apps.set("site", { endpoint: await startRawApp(raw) });
    const { status, headers, body } = await call({ path: "/" });
    expect([status, body]).toEqual([200, "x"]);
    expect(headers.get("content-type")).toBe(type === "a, b" ? "a, b" : "application/octet-stream");
  });
}

test("an answer that breaks off is not passed on as a whole one", async () => {
  const raw = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
  webhook.stub.apps.set("site", { endpoint: await startRawApp(raw) });
  await expect(call({ path: "/" })).rejects.toThrow();
});
