import fc from "fast-check";
import { expect, test } from "vitest";
import { CallerKeys, networkOf } from "./caller-keys.ts";

const keys = new CallerKeys("a secret of these tests, long enough");
const of = (...auth: [string, string][]) => keys.ofCredential(auth);

test("a caller is the same whatever comes beside the token", () => {
  const plain = of(["authorization", "Bearer token-a"]);
  expect(of(["authorization", "bearer token-a"])).toBe(plain);
  expect(of(["authorization", "BEARER   token-a"])).toBe(plain);
  expect(of(["authorization", "Bearer token-a"], ["cookie", "made-up=1"])).toBe(plain);
  expect(of(["cookie", "made-up=2"], ["authorization", "Bearer token-a"])).toBe(plain);
  expect(of(["authorization", "Bearer token-b"])).not.toBe(plain);
  expect(of(["authorization", "Bearer TOKEN-a"])).not.toBe(plain);
  expect(of(["cookie", "session=1"])).not.toBe(of(["cookie", "session=2"]));
});

test("a key tells nothing, and depends on the secret", () => {
  const auth = [["authorization", "Bearer token-a"]] as const;
  expect(keys.ofCredential(auth)).toMatch(/^[\w-]{22}$/);
  expect(new CallerKeys("another").ofCredential(auth)).not.toBe(keys.ofCredential(auth));
  expect(new CallerKeys().ofCredential(auth)).not.toBe(new CallerKeys().ofCredential(auth));
  expect(keys.ofAddress("token-a")).not.toBe(of(["x", "token-a"]));
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["64:ff9b::192.0.2.7", "64:ff9b:0:0::/64"],
  ["2001:db8::1:2:3:192.0.2.7", "2001:db8:0:1::/64"],
  ["not an address", "not an address"],
])("%s belongs to %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test("addresses of one network of 64 bits are one, in any spelling, and others are not", () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const groups = fc.tuple(group, group, group, group, group, group, group, group);
  fc.assert(
    fc.property(groups, group, ([...all], other) => {
      const address = all.map((part) => part.toString(16)).join(":");
      const padded = all.map((part) => part.toString(16).padStart(4, "0").toUpperCase()).join(":");
      const neighbour = [...all.slice(0, 7), other].map((part) => part.toString(16)).join(":");
      const network = networkOf(address);
      expect(networkOf(padded)).toBe(network);
      expect(networkOf(neighbour)).toBe(network);
      // As URLs are printed: the longest run of zeros left out.
      expect(networkOf(new URL(`http://[${address}]`).hostname.slice(1, -1))).toBe(network);
      const [first = 0, ...rest] = all;
      const elsewhere = [first ^ 1, ...rest].map((part) => part.toString(16)).join(":");
      expect(networkOf(elsewhere)).not.toBe(network);
    }),
  );
});
