import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainLine, chainStart, hashOf, readChainedLine } from "./chained-line.ts";

const head = { seq: 0, hash: chainStart };
const text = fc.string({ unit: "binary" });

describe("a line of a chain", () => {
  test("is one line of visible ASCII, whatever it says, and says it again", () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), fc.option(text), (members, key) => {
        const { line, head: next } = chainLine({ members }, head, key ?? undefined);
        expect(line).toMatch(/^[\x20-\x7e]+\n$/);
        const read = readChainedLine(Buffer.from(line.slice(0, -1)));
        expect(read).toMatchObject({ ...next, prev: chainStart });
        expect(JSON.stringify(read?.members["members"])).toBe(JSON.stringify(members));
        expect(hashOf(read?.sealed ?? "", key ?? undefined)).toBe(next.hash);
      }),
    );
  });

  test.each([
    "\n",
    "\r\n",
    '"}\n{"time":"forged',
    "\u2028",
    "\u2029",
    "\u0085",
    "\u202e",
    "\x1b[2J",
    "\ud800",
    '","hash":"0"}',
  ])("cannot be ended, doubled or steered by %j", (hostile) => {
    const { line } = chainLine({ target: hostile, runs: [{ run: hostile }] }, head, undefined);
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(line)).toMatchObject({ target: hostile, seq: 1 });
  });

  test.each([
    "",
    "{}",
    "null",
    `{"seq":1,"prev":"${chainStart}"}`,
    `{"seq":0,"prev":"${chainStart}","hash":"${chainStart}"}`,
    `{"seq":1.5,"prev":"${chainStart}","hash":"${chainStart}"}`,
    `{"seq":"1","prev":"${chainStart}","hash":"${chainStart}"}`,
    `{"seq":1,"prev":"x","hash":"${chainStart}"}`,
    `{"seq":1,"prev":"${chainStart}","hash":"${chainStart}"} `,
    `{"seq":1,"prev":"${chainStart}","hash":"${chainStart.toUpperCase().replace("0", "A")}"}`,
    `[1,"prev":"${chainStart}","hash":"${chainStart}"}`,
    `,"hash":"${chainStart}"}`,
  ])("is not read out of %s", (line) => {
    expect(readChainedLine(Buffer.from(line))).toBeUndefined();
  });

  test("reads or refuses any bytes, and never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const line = Buffer.concat([bytes, Buffer.from(`,"hash":"${chainStart}"}`)]);
        expect(readChainedLine(line)?.seq ?? 1).toBeGreaterThan(0);
      }),
    );
  });
});
