import { describe, expect, test } from "vitest";
import { createAddressRule, isConfidential, toAppBase } from "./app-address.ts";

const remote = createAddressRule("https://flyte.example.com");
const local = createAddressRule("http://localhost:30080");

const rows: readonly (readonly [address: string, remote: boolean, local: boolean])[] = [
  ["10.0.0.1", true, true],
  ["192.168.1.1", true, true],
  ["203.0.113.7", true, true],
  ["fd12::1", true, true],
  ["2001:db8::1", true, true],
  ["127.0.0.1", false, true],
  ["127.9.9.9", false, true],
  ["0.0.0.0", false, true],
  ["::1", false, true],
  ["::", false, true],
  ["::ffff:127.0.0.1", false, true],
  ["169.254.169.254", false, false],
  ["169.254.170.2", false, false],
  ["::ffff:169.254.169.254", false, false],
  ["fe80::1", false, false],
  ["febf::1", false, false],
  ["fd00:ec2::254", false, false],
];

for (const [address, fromRemote, fromLocal] of rows) {
  test(`an app may ${fromRemote ? "" : "not "}be at ${address}, of a control plane elsewhere`, () => {
    expect(remote(address)).toBe(fromRemote);
    expect(local(address)).toBe(fromLocal);
  });
}

describe("every spelling of an address is the address", () => {
  for (const host of [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "0177.0.0.1",
    "2130706433",
    "0x7f000001",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:7f00:1]",
    "[::ffff:127.0.0.1]",
    "0",
  ]) {
    test(host, () => {
      expect(toAppBase(`http://${host}/`, remote)).toBeUndefined();
      expect(toAppBase(`http://${host}/`, local)).toBeInstanceOf(URL);
    });
  }
});

test("a credential travels encrypted, or within this machine", () => {
  expect(isConfidential(new URL("https://app.example.com/"))).toBe(true);
  expect(isConfidential(new URL("http://localhost:1/"))).toBe(true);
  expect(isConfidential(new URL("http://site.localhost/"))).toBe(true);
  expect(isConfidential(new URL("http://127.0.0.1:1/"))).toBe(true);
  expect(isConfidential(new URL("http://[::1]:1/"))).toBe(true);
  expect(isConfidential(new URL("http://app.example.com/"))).toBe(false);
  expect(isConfidential(new URL("http://10.0.0.1/"))).toBe(false);
  expect(isConfidential(new URL("http://localhost.example.com/"))).toBe(false);
});
