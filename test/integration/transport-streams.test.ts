import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { createConnectTransport } from "../../src/client/connect-transport.ts";
import { toEnvelope } from "../../src/client/stream-messages.ts";
import { RunService, WatchActionDetailsResponseSchema } from "../../src/idl/runs.ts";

const type = "application/connect+proto";
const message = toEnvelope(
  toBinary(
    WatchActionDetailsResponseSchema,
    create(WatchActionDetailsResponseSchema, { details: { id: { name: "a0" } } }),
  ),
);

/** A stream of a server that answers by hand. */
async function open(answer: (response: ServerResponse) => void, signal?: AbortSignal) {
  const seen: { headers: NodeJS.Dict<string | string[]>; body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    seen.push({ headers: request.headers, body: Buffer.concat(await request.toArray()) });
    answer(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const baseUrl = `http://127.0.0.1:${port}`;
  const limits = { maxResponseBytes: 1000, maxConnections: 1 };
  const transport = createConnectTransport({ baseUrl, tls: {}, ...limits });
  onTestFinished(async () => {
    await transport.close();
    server.closeAllConnections();
    server.close();
  });
  const method = RunService.method.watchActionDetails;
  const headers = [["authorization", "Bearer ann"]] as [string, string][];
  async function* input() {
    yield { actionId: { name: "a0" } };
  }
  const read = async (): Promise<readonly string[]> => {
    const names: string[] = [];
    const { message } = await transport.stream(method, signal, undefined, headers, input());
    for await (const { details } of message) names.push(details?.id?.name ?? "");
    return names;
  };
  return { read, seen, server };
}

function send(response: ServerResponse, ...chunks: readonly Buffer[]): void {
  response.writeHead(200, { "content-type": type });
  for (const chunk of chunks) response.write(chunk);
}

const ended = Buffer.from([2, 0, 0, 0, 2, ...Buffer.from("{}")]);

test("a stream is asked for as the protocol has it", async () => {
  const { read, seen } = await open((response) => {
    send(response, message, message, ended);
    response.end();
  });
  expect(await read()).toEqual(["a0", "a0"]);
  expect(seen[0]?.headers).toMatchObject({
    "content-type": type,
    "connect-protocol-version": "1",
    authorization: "Bearer ann",
  });
  const sent = seen[0]?.body ?? Buffer.alloc(0);
  expect(sent.subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 0, sent.length - 5]));
});

test.each<[string, (response: ServerResponse) => void, object]>([
  [
    "an error in place of a stream",
    (response) => {
      response.writeHead(403, { "content-type": "application/json" });
      response.end('{"code":"permission_denied","message":"not yours"}');
    },
    { code: Code.PermissionDenied, rawMessage: "not yours" },
  ],
  [
    "a page of a proxy",
    (response) => response.writeHead(502, { "content-type": "text/html" }).end("<html>"),
    { code: Code.Unavailable },
  ],
  [
    "a page in place of a stream",
    (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
    { code: Code.Unknown, rawMessage: expect.stringContaining("text/html") },
  ],
  [
    "an end without its sign",
    (response) => {
      send(response, message);
      response.end();
    },
    { code: Code.Unavailable, rawMessage: expect.stringContaining("broke off") },
  ],
  [
    "a connection that breaks off in a message",
    (response) => {
      send(response, message.subarray(0, 7));
      response.destroy();
    },
    { code: Code.Unavailable },
  ],
  [
    "a connection that breaks off before an answer",
    (response) => response.destroy(),
    { code: Code.Unavailable },
  ],
  [
    "a message that is too long",
    (response) => send(response, Buffer.from([0, 1, 0, 0, 0])),
    { rawMessage: expect.stringContaining("longer than the limit of 1000 bytes") },
  ],
])("%s is an error that says so", async (_title, answer, expected) => {
  const { read } = await open(answer);
  await expect(read()).rejects.toMatchObject(expected);
});

test("a signal ends a stream before its answer, while it is read, and before it is asked for", async () => {
  for (const answer of [() => undefined, (response: ServerResponse) => send(response, message)]) {
    const leaving = new AbortController();
    const { read, server } = await open(answer, leaving.signal);
    const reading = read();
    const [, response] = await once(server, "request");
    leaving.abort();
    await expect(reading).rejects.toMatchObject({ code: Code.Canceled });
    if (!response.closed) await once(response, "close");
    await expect(read()).rejects.toMatchObject({ code: Code.Canceled });
  }
});

test("streams hold no connection of the calls", async () => {
  const { read, seen } = await open((response) => send(response, message));
  void Promise.allSettled(Array.from({ length: 200 }, read));
  await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(200);
});
