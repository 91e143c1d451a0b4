import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "./free-port.ts";

test("a free port is none that the system gives to whoever asks for any", async () => {
  for (let tries = 0; tries < 20; tries += 1) {
    const port = await freePort("app", "127.0.0.1", 0);
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_768);
  }
});

test("a port that is given is that port, or an error that names it", async () => {
  const port = await freePort("app", "127.0.0.1", 0);
  expect(await freePort("app", "127.0.0.1", port)).toBe(port);
  const server = createServer().listen(port, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  await expect(freePort("app", "127.0.0.1", port)).rejects.toThrow(
    `The app "app" cannot be served: port ${port} on 127.0.0.1 is in use.`,
  );
});

test("a host that is not this machine's is an error, whatever the port", async () => {
  await expect(freePort("app", "192.0.2.1", 0)).rejects.toThrow("not an address of this machine");
});
