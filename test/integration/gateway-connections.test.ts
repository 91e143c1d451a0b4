import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { anonymous, httpApp, rawApp, useTestGateway } from "../support/gateway.ts";
import { sendRaw } from "../support/raw-http.ts";

const gateway = useTestGateway();

const get = (host: string, path = "/") =>
  sendRaw(gateway.url, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

/** An app that answers `ok` with these headers, and the connections to it. */
async function countingApp(headers: string) {
  const sockets: Socket[] = [];
  const app = await rawApp((socket) => {
    sockets.push(socket);
    socket.on("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${headers}\r\nok`);
    });
  });
  return { app, sockets };
}

test("a connection to an app is used again", async () => {
  const { app, sockets } = await countingApp("");
  const host = gateway.add("reused", () => app, anonymous);
  for (let count = 0; count < 3; count += 1) expect((await get(host)).body).toBe("ok");
  expect(sockets).toHaveLength(1);
});

test.each(["Connection: close", "Keep-Alive: timeout=0"])(
  "a connection is not used again after %s",
  async (line) => {
    const { app, sockets } = await countingApp(`${line}\r\n`);
    const host = gateway.add(`spent-${line.length}`, () => app, anonymous);
    for (let count = 1; count <= 2; count += 1) {
      expect((await get(host)).body).toBe("ok");
      expect(sockets).toHaveLength(count);
    }
  },
);

test("an idle connection ends by itself", async () => {
  const { app, sockets } = await countingApp("");
  const host = gateway.add("idle", () => app, anonymous);
  await get(host);
  const [socket] = sockets;
  if (socket !== undefined) await once(socket, "close");
});

test("what an app says unasked is nobody's answer", async () => {
  const { app, sockets } = await countingApp("");
  const host = gateway.add("talkative", () => app, anonymous);
  await get(host);
  await new Promise((written) =>
    sockets[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", written),
  );
  // By then the gateway has read that, too.
  await get("nobody.localhost");
  expect((await get(host)).body).toBe("ok");
  expect(sockets).toHaveLength(2);
});

test("two answers to one request are one", async () => {
  const app = await rawApp((socket) => {
    socket.once("data", () => {
      const answer = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n${body}`;
      socket.write(`${answer("good")}${answer("evil")}`);
    });
  });
  const host = gateway.add("twofold", () => app, anonymous);
  expect((await get(host)).body).not.toContain("evil");
  expect((await get(host)).body).not.toContain("evil");
});

test("a client that leaves gives all places back, those of requests that wait for their turn, too", async () => {
  const app = await httpApp(() => undefined);
  const host = gateway.add("leaving", () => app, anonymous);
  const socket = connect(gateway.port, "127.0.0.1");
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(3));
  await expect.poll(() => gateway.leases).toBe(3);
  socket.destroy();
  await expect.poll(() => gateway.leases).toBe(0);
});
