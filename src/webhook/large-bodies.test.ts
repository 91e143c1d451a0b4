import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { type BodyShare, LargeBodies } from "./large-bodies.ts";
import { readBytes } from "./read-body.ts";

test("no more is held than there may be, small bodies always have room, and all is given back", () => {
  const small = 10;
  const steps = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 0, max: 40 })));
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 100 }), (takes, most) => {
      const bodies = new LargeBodies(most, small);
      const shares = new Map<number, BodyShare>();
      const lengths = new Map<number, number>();
      const large = () =>
        [...lengths.values()].map((length) => Math.max(0, length - small)).filter(Boolean);
      for (const [which, bytes] of takes) {
        const share = shares.get(which) ?? bodies.begin();
        shares.set(which, share);
        if (bytes === 0) {
          share[Symbol.dispose]();
          shares.delete(which);
          lengths.delete(which);
          continue;
        }
        const length = (lengths.get(which) ?? 0) + bytes;
        if (share.take(bytes)) lengths.set(which, length);
        else expect(length).toBeGreaterThan(small);
        const sum = large().reduce((left, right) => left + right, 0);
        expect(bodies.taken).toBe(sum);
        if (large().length > 1) expect(sum).toBeLessThanOrEqual(most);
      }
      for (const share of shares.values()) share[Symbol.dispose]();
      expect(bodies.taken).toBe(0);
    }),
  );
});

test("bodies that are half sent leave room for small ones, and for large ones when they are gone", async () => {
  const bodies = new LargeBodies(200_000, 1_000);
  const server = createServer(async (incoming, response) => {
    const read = await readBytes(incoming, 1_000_000, bodies).catch(() => undefined);
    const isRead = read !== undefined && "bytes" in read;
    response.writeHead(isRead ? 200 : 503, { connection: "close" }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const send = (length: number, sent = length) => {
    const post = request({ port, host: "127.0.0.1", method: "POST" });
    post.setHeader("content-length", length).on("error", () => undefined);
    post.write(Buffer.alloc(sent));
    if (sent === length) post.end();
    const status = once(post, "response").then(([response]) => response.resume().statusCode);
    return { post, status: status.catch(() => undefined) };
  };
  const half = Array.from({ length: 4 }, () => send(900_000, 100_000));
  const first = await Promise.race(half.map(({ status }) => status));
  expect(first).toBe(503);
  expect(bodies.taken).toBeLessThanOrEqual(200_000);
  expect(await send(900).status).toBe(200);
  for (const { post } of half) post.destroy();
  await expect.poll(() => bodies.taken).toBe(0);
  expect(await send(900_000).status).toBe(200);
  expect(bodies.taken).toBe(0);
});
