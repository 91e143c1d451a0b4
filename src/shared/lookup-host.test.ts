import type { LookupOptions } from "node:dns";
import { once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { lookupHost } from "./lookup-host.ts";

function find(hostname: string, options: LookupOptions = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    lookupHost(hostname, options, (error, found, family) => {
      if (error !== null) reject(error);
      else resolve(family === undefined ? found : [found, family]);
    });
  });
}

test.each(["site.localhost", "a.b.LOCALHOST", "site-p-d.localhost."])(
  "%s is this machine",
  async (name) => {
    expect(await find(name)).toEqual(["127.0.0.1", 4]);
    expect(await find(name, { family: 6 })).toEqual(["::1", 6]);
    expect(await find(name, { family: "IPv4", all: true })).toEqual([
      { address: "127.0.0.1", family: 4 },
    ]);
    expect(await find(name, { all: true })).toHaveLength(2);
  },
);

test.each(["localhost.invalid", "notlocalhost.invalid", "localhost.example.invalid"])(
  "%s is left to the resolver",
  async (name) => {
    await expect(find(name)).rejects.toMatchObject({ hostname: name });
  },
);

test("a request to a name below localhost arrives, under that name", async () => {
  const server = createServer((request, response) => response.end(request.headers.host));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const url = `http://no-such-name.of-anyone.localhost:${port}/`;
  const [response] = await once(get(url, { agent: false, lookup: lookupHost }), "response");
  expect(await text(response)).toBe(`no-such-name.of-anyone.localhost:${port}`);
});
