import { connect } from "node:net";
import { expect, test } from "vitest";
import { anonymous, httpApp, useTestGateway } from "../support/gateway.ts";

/** Answers that wait for their turn on a connection, when there will be no turn. */
const gateway = useTestGateway();

/** A request that is held by the app, and one behind it on the same connection. */
const rows: readonly (readonly [what: string, second: string])[] = [
  ["is held as well", "GET /held HTTP/1.1\r\nHost: HOST\r\n\r\n"],
  ["is answered already", "GET /quick HTTP/1.1\r\nHost: HOST\r\n\r\n"],
  [
    "is not there as a whole",
    "POST /held HTTP/1.1\r\nHost: HOST\r\nContent-Length: 10\r\n\r\nhalf",
  ],
];

test.each(rows)(
  "a client that leaves gives back the place of a second request that %s",
  async (_, second) => {
    const seen: string[] = [];
    const left: string[] = [];
    const app = await httpApp((request, response) => {
      const { url = "" } = request;
      seen.push(url);
      response.once("close", () => left.push(url));
      if (url === "/quick") response.end("quick");
    });
    const host = gateway.add(`pipeline-${second.length}`, () => app, anonymous);
    const socket = connect(gateway.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(`GET /held HTTP/1.1\r\nHost: ${host}\r\n\r\n${second.replace("HOST", host)}`);
    await expect.poll(() => seen.length).toBe(2);
    expect(gateway.leases).toBe(2);
    socket.destroy();
    await expect.poll(() => gateway.leases).toBe(0);
    await expect.poll(() => left.length).toBe(2);
  },
);
