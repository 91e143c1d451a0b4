import { getEventListeners } from "node:events";
import { createServer } from "node:net";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { toFlyteError } from "../../src/client/errors.ts";
import {
  answer,
  connectTo,
  failure,
  httpPeer,
  me,
  openTransport,
  proto,
  rawPeer,
} from "../support/hostile-peer.ts";

test("an answer cut off in the middle is reported as lost, not as an answer", async () => {
  const transport = await rawPeer((socket) => {
    socket.end(
      "HTTP/1.1 200 OK\r\ncontent-type: application/proto\r\ncontent-length: 50\r\n\r\nabc",
    );
  });
  const error = await failure(me(transport, { repeatable: true }));
  expect(error.code).toBe(Code.Unavailable);
  expect(error.rawMessage).toContain("lost");
});

test("a peer that does not speak HTTP is reported as unavailable", async () => {
  const transport = await rawPeer((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
  expect((await failure(me(transport))).code).toBe(Code.Unavailable);
});

const ok = `HTTP/1.1 200 OK\r\ncontent-type: application/proto\r\ncontent-length: ${answer.length}\r\n\r\n`;

test("a kept connection that the server closed is replaced for repeatable calls only", async () => {
  let requests = 0;
  const transport = await rawPeer((socket, count) => {
    requests = count;
    if (count % 2 === 0) socket.resetAndDestroy();
    else socket.write(Buffer.concat([Buffer.from(ok, "latin1"), answer]));
  });
  await me(transport);
  expect((await me(transport, { repeatable: true })).subject).toBe("ann");
  expect(requests).toBe(3);
  expect((await failure(me(transport))).code).toBe(Code.Unavailable);
  expect(requests).toBe(4);
});

test("a repeatable call is sent at most twice", async () => {
  let requests = 0;
  const transport = await rawPeer((socket, count) => {
    requests = count;
    socket.resetAndDestroy();
  });
  expect((await failure(me(transport, { repeatable: true }))).code).toBe(Code.Unavailable);
  expect(requests).toBe(2);
});

test("nothing listening is told as such", async () => {
  const server = createServer();
  const { baseUrl } = await connectTo(server);
  await new Promise((resolve) => server.close(resolve));
  const error = await failure(me(openTransport(baseUrl)));
  expect(error.rawMessage).toMatch(/Cannot connect .*ECONNREFUSED/);
});

test("TLS to a plain port names the remedy", async () => {
  const { baseUrl } = await httpPeer(() => undefined);
  const secure = openTransport(baseUrl.replace("http:", "https:"));
  const error = toFlyteError(await failure(me(secure)));
  expect(error.code).toBe("unavailable");
  expect(error.message).toContain("http://");
});

test("the deadline ends a silent call, and one that waits for a connection", async () => {
  const transport = await httpPeer(() => undefined);
  const deadline = performance.now() + 60;
  const errors = await Promise.all([
    failure(me(transport, { deadline })),
    failure(me(transport, { deadline })),
  ]);
  expect(errors.map(({ code }) => code)).toEqual([Code.DeadlineExceeded, Code.DeadlineExceeded]);
});

test("a signal ends a call under way, a waiting one and one not begun, and keeps no listener", async () => {
  let arrived = (): void => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  let requests = 0;
  const transport = await httpPeer((_request, response) => {
    requests += 1;
    if (requests === 1) arrived();
    else response.writeHead(200, proto).end(answer);
  });
  const controller = new AbortController();
  const { signal } = controller;
  const running = failure(me(transport, { signal }));
  const waiting = failure(me(transport, { signal }));
  await arrival;
  expect(getEventListeners(signal, "abort")).toHaveLength(2);
  controller.abort();
  expect((await running).code).toBe(Code.Canceled);
  expect((await waiting).code).toBe(Code.Canceled);
  expect((await failure(me(transport, { signal }))).code).toBe(Code.Canceled);
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect((await me(transport)).subject).toBe("ann");
  expect(requests).toBe(2);
});

test("closing ends calls under way", async () => {
  let arrived = (): void => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const transport = await httpPeer(() => arrived());
  const running = failure(me(transport));
  await arrival;
  await transport.close();
  expect(toFlyteError(await running).code).toBe("canceled");
  expect(toFlyteError(await failure(me(transport))).code).toBe("canceled");
});
