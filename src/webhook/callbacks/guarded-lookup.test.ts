import { createServer } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { expect, test } from "vitest";
import { compileRanges } from "../../shared/public-address.ts";
import { type AddressRules, guardedLookup } from "./guarded-lookup.ts";
import { NoticeSender } from "./notice-sender.ts";

/** A resolver whose answers change. */
function resolver(...answers: readonly (readonly string[])[]): LookupFunction {
  let asked = 0;
  return (_hostname, _options, callback) => {
    const found = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    const addresses = found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    process.nextTick(() => callback(null, addresses));
  };
}

const strict: AddressRules = { isPrivateAllowed: () => false };
const lan: AddressRules = {
  isPrivateAllowed: compileRanges(["10.0.0.0/8", "127.0.0.1", "169.254.0.0/16"]),
};

function dial(
  scheme: string,
  found: readonly string[],
  rules = strict,
  all = true,
): Promise<unknown> {
  return new Promise((resolve) => {
    const lookup = guardedLookup(scheme, rules, resolver(found));
    lookup("ci.example.com", { all }, (error, addresses) => {
      resolve(error === null ? addresses : error.name);
    });
  });
}

test.each([
  ["https:", ["8.8.8.8"], strict, true],
  ["https:", ["8.8.8.8", "2606:4700::1"], strict, true],
  ["https:", ["10.0.0.1"], lan, true],
  ["http:", ["10.0.0.1"], lan, true],
  ["http:", ["10.0.0.1", "10.0.0.2"], lan, true],
  ["http:", ["8.8.8.8"], lan, false],
  ["http:", ["8.8.8.8"], strict, false],
  ["https:", [], strict, false],
  ["https:", ["10.0.0.1"], strict, false],
  ["https:", ["127.0.0.1"], strict, false],
  ["https:", ["::1"], strict, false],
  ["https:", ["169.254.169.254"], strict, false],
  ["https:", ["169.254.169.254"], lan, false],
  ["https:", ["fd00:ec2::254"], lan, false],
  ["https:", ["8.8.8.8", "10.0.0.1"], strict, false],
  ["https:", ["8.8.8.8", "10.0.0.1"], lan, false],
  ["https:", ["10.0.0.1", "192.168.0.1"], lan, false],
  ["https:", ["8.8.8.8", "::ffff:127.0.0.1"], strict, false],
  ["https:", ["64:ff9b::7f00:1"], strict, false],
  ["https:", ["2002:7f00:1::"], strict, false],
])("%s to %j", async (scheme, found, rules, isDialled) => {
  const addresses = await dial(scheme, found, rules);
  if (isDialled) expect(addresses).toHaveLength(found.length);
  else expect(addresses).toBe("AddressRefused");
  const first = await dial(scheme, found, rules, false);
  expect(first).toBe(isDialled ? found[0] : "AddressRefused");
});

test("a name that was public when it was looked at is not dialled where it leads elsewhere then", async () => {
  let connections = 0;
  const server = createServer((_request, response) => void response.end());
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const lookup = resolver(["93.184.216.34"], ["127.0.0.1"]);
  // Whoever looked before, and believed it.
  await new Promise((resolve) => lookup("rebind.example.com", { all: true }, resolve));
  const attempt = {
    url: `https://rebind.example.com:${port}/`,
    headers: {},
    body: Buffer.from("{}"),
    isFinal: () => false,
    signal: new AbortController().signal,
  };
  const sender = new NoticeSender(strict, 1_000, lookup);
  const result = await sender.send(attempt);
  expect(result).toEqual({ kind: "failed", reason: "AddressRefused", retryAfterMs: undefined });
  for (const url of [`http://127.0.0.1:${port}/`, `https://[::1]:${port}/`, "https://10.1/"]) {
    expect(await sender.send({ ...attempt, url })).toMatchObject({ reason: "AddressRefused" });
  }
  expect(connections).toBe(0);
  await sender.close();
  await new Promise((resolve) => server.close(resolve));
});
