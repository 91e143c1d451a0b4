import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { findFreePort, findListener, isPortFree, parseListeners } from "./listening.ts";

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 532 1 0 100
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 533 1 0 100
   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 534 1 0 100
`;

test("listening sockets are read from the system's table, by port", () => {
  expect(parseListeners(table, 8080)).toEqual([{ address: "00000000", inode: "532" }]);
  expect(parseListeners(table, 80)).toEqual([{ address: "0100007F", inode: "534" }]);
  expect(parseListeners(table, 81)).toEqual([]);
  expect(parseListeners("", 80)).toEqual([]);
});

test("a free port is nobody's until somebody listens", async () => {
  const port = await findFreePort();
  expect(await isPortFree(port)).toBe(true);
  const server = createServer().listen(port, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  expect(await isPortFree(port)).toBe(false);
  // It is this process's, which is in no group of that number.
  const stranger = { group: 2 ** 22 + 1, token: "nobody" };
  expect(await findListener(port, stranger, "own")).toBeUndefined();
});
