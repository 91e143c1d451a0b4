import { once } from "node:events";
import { request as createRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { anonymous, rawApp, useTestGateway } from "../support/gateway.ts";

/** Apps that answer before they have read the request, and close: their answer has to arrive. */
const gateway = useTestGateway();

async function limitedApp(): Promise<{ port: number }> {
  const app = fastify({ bodyLimit: 1_000 });
  app.post("/", async () => "read");
  await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  return { port: (app.server.address() as AddressInfo).port };
}

const bodyBytes = 4 * 1024 * 1024;

/** Sends a large body as fast as it is taken; reads the answer. */
async function upload(
  host: string,
  headers: Readonly<Record<string, string | number>>,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const request = createRequest(gateway.url, {
    agent: false,
    method: "POST",
    headers: { host, "content-type": "application/json", ...headers },
  });
  request.on("error", () => undefined); // the rest of the body may find nobody
  let left = bodyBytes;
  const send = (): void => {
    while (left > 0) {
      const size = Math.min(left, 65_536);
      left -= size;
      if (!request.write(Buffer.alloc(size, 0x20)) && left > 0) {
        request.once("drain", send);
        return;
      }
    }
    request.end();
  };
  send();
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

test.each([
  ["a length", { "content-length": bodyBytes }],
  ["chunks", { "transfer-encoding": "chunked" }],
])("the 413 of fastify arrives while a body with %s is on its way", async (_name, headers) => {
  const app = await limitedApp();
  const host = gateway.add(`limited-${Object.keys(headers)[0]}`, () => app, anonymous);
  for (let round = 0; round < 30; round += 1) {
    const answer = await upload(host, headers);
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({ code: "FST_ERR_CTP_BODY_TOO_LARGE" });
  }
  await expect.poll(() => gateway.leases).toBe(0);
});

test("an answer arrives from an app that resets the connection right after it", async () => {
  const app = await rawApp((socket) => {
    socket.once("data", () => {
      socket.write(
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno",
        () => socket.resetAndDestroy(),
      );
    });
  });
  const host = gateway.add("resetting", () => app, anonymous);
  for (let round = 0; round < 30; round += 1) {
    const answer = await upload(host, { "content-length": bodyBytes });
    expect(answer).toEqual({ status: 403, body: "no" });
  }
  await expect.poll(() => gateway.leases).toBe(0);
});

test("an app that resets the connection without an answer is a 502, and soon", async () => {
  const app = await rawApp((socket) => {
    socket.once("data", () => socket.resetAndDestroy());
  });
  const host = gateway.add("silent", () => app, anonymous);
  expect(await upload(host, { "content-length": bodyBytes })).toMatchObject({ status: 502 });
  await expect.poll(() => gateway.leases).toBe(0);
});
