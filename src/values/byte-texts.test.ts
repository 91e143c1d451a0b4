import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as withBuffer from "./byte-texts.ts";

/** The same module as a browser loads it. */
let withoutBuffer: typeof withBuffer;

beforeAll(async () => {
  vi.stubGlobal("Buffer", undefined);
  vi.resetModules();
  withoutBuffer = await import("./byte-texts.ts");
  vi.unstubAllGlobals();
});

afterAll(() => vi.resetModules());

describe("with and without Buffer", () => {
  test("bytes become the same texts", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(withoutBuffer.toBase64(bytes)).toBe(withBuffer.toBase64(bytes));
        expect(withoutBuffer.fromUtf8(bytes)).toBe(withBuffer.fromUtf8(bytes));
        expect(withoutBuffer.fromBase64(withBuffer.toBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  test("the same texts are base64", () => {
    const almost = fc.string({ unit: fc.constantFrom(..."AQZaz09+/-_= \n*"), maxLength: 12 });
    fc.assert(
      fc.property(almost, (text) => {
        expect(withoutBuffer.fromBase64(text)).toEqual(withBuffer.fromBase64(text));
      }),
      { numRuns: 1000 },
    );
  });
});
