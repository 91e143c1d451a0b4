import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { within } from "./within.ts";

test("a promise that settles in time is told from one that does not", async () => {
  expect(await within(Promise.resolve(), 60_000)).toBe(true);
  expect(await within(new Promise(() => undefined), 1)).toBe(false);
  await expect(within(Promise.reject(new Error("no")), 60_000)).rejects.toThrow("no");
});

test("what has come while the process did nothing has come in time", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  const address = server.address();
  const client = connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
  const [socket] = (await accepted) as [Socket];
  await new Promise((resolve) => client.write("here", resolve));
  const inTime = within(once(socket, "data"), 1);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  expect(await inTime).toBe(true);
  client.destroy();
  socket.destroy();
  server.close();
});
