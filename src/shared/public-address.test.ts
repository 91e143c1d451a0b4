import fc from "fast-check";
import { expect, test } from "vitest";
import { compileRanges, kindOfAddress } from "./public-address.ts";

test.each([
  ["8.8.8.8", "public"],
  ["1.1.1.1", "public"],
  ["9.255.255.255", "public"],
  ["11.0.0.0", "public"],
  ["100.63.255.255", "public"],
  ["100.128.0.0", "public"],
  ["172.15.255.255", "public"],
  ["172.32.0.0", "public"],
  ["192.167.255.255", "public"],
  ["223.255.255.255", "public"],
  ["2606:4700:4700::1111", "public"],
  ["2a00:1450:4001:81b::200e", "public"],
  ["::ffff:8.8.8.8", "public"],
  ["64:ff9b::8.8.8.8", "public"],
  ["10.0.0.1", "private"],
  ["10.255.255.255", "private"],
  ["100.64.0.1", "private"],
  ["100.100.100.200", "private"],
  ["127.0.0.1", "private"],
  ["127.255.255.254", "private"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.168.1.1", "private"],
  ["::1", "private"],
  ["fc00::1", "private"],
  ["fd12:3456::1", "private"],
  ["::ffff:127.0.0.1", "private"],
  ["::ffff:7f00:1", "private"],
  ["0:0:0:0:0:ffff:10.0.0.1", "private"],
  ["64:ff9b::10.0.0.1", "private"],
  ["64:ff9b::c0a8:101", "private"],
  ["0.0.0.0", "special"],
  ["0.1.2.3", "special"],
  ["169.254.169.254", "special"],
  ["169.254.0.1", "special"],
  ["168.63.129.16", "special"],
  ["192.0.0.192", "special"],
  ["192.0.2.1", "special"],
  ["192.88.99.1", "special"],
  ["198.18.0.1", "special"],
  ["198.51.100.1", "special"],
  ["203.0.113.1", "special"],
  ["224.0.0.1", "special"],
  ["239.255.255.255", "special"],
  ["240.0.0.1", "special"],
  ["255.255.255.255", "special"],
  ["::", "special"],
  ["::ffff:169.254.169.254", "special"],
  ["64:ff9b::a9fe:a9fe", "special"],
  ["64:ff9b:1::a00:1", "special"],
  ["::7f00:1", "special"],
  ["::127.0.0.1", "special"],
  ["fe80::1", "special"],
  ["fe80::1%eth0", "special"],
  ["febf::1", "special"],
  ["fec0::1", "special"],
  ["ff02::1", "special"],
  ["fd00:ec2::254", "special"],
  ["2001::1", "special"],
  ["2001:db8::1", "special"],
  ["2002:7f00:1::1", "special"],
  ["3fff::1", "special"],
  ["100::1", "special"],
  ["5f00::1", "special"],
  ["", "special"],
  ["localhost", "special"],
  ["2130706433", "special"],
  ["0x7f.1", "special"],
  ["127.1", "special"],
  ["[::1]", "special"],
  ["010.0.0.1", "special"],
])("%s is %s", (address, kind) => {
  expect(kindOfAddress(address)).toBe(kind);
});

test("an IPv4 address is judged the same, however it is written as one of IPv6", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      for (const prefix of ["::ffff:", "0:0::ffff:", "64:ff9b::", "64:FF9B:0:0:0:0:"]) {
        expect(kindOfAddress(`${prefix}${address}`)).toBe(kindOfAddress(address));
        expect(kindOfAddress(`${prefix}${hex}`)).toBe(kindOfAddress(address));
      }
    }),
  );
});

test("whatever is asked about is judged, and nothing outside of 2000::/3 is public in IPv6", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (address) => {
      const kind = kindOfAddress(address);
      if (kind !== "public" || !address.includes(":")) return;
      expect(address).toMatch(/^(?:[23]|0*:|0*64:|::)/i);
    }),
  );
});

test("ranges hold what is in them, in both ways of writing", () => {
  const holds = compileRanges(["10.1.0.0/16", "127.0.0.1", "fd12::/16"]);
  for (const address of ["10.1.2.3", "127.0.0.1", "::ffff:10.1.0.1", "fd12::7"]) {
    expect(holds(address)).toBe(true);
  }
  for (const address of ["10.2.0.1", "127.0.0.2", "fd13::7", "", "10.1"]) {
    expect(holds(address)).toBe(false);
  }
});
