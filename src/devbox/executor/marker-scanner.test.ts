import fc from "fast-check";
import { expect, test } from "vitest";
import { createMarkerScanner } from "./marker-scanner.ts";

function scan(marker: string, chunks: readonly Uint8Array[]) {
  const seen: Uint8Array[] = [];
  let markers = 0;
  const scanner = createMarkerScanner({
    marker,
    onBytes: (bytes) => seen.push(Buffer.from(bytes)),
    onMarker: () => markers++,
  });
  for (const chunk of chunks) scanner.push(chunk);
  return { scanner, markers: () => markers, text: () => Buffer.concat(seen).toString("latin1") };
}

const bytes = fc.array(fc.constantFrom("\0", "a", "b", "c"), { maxLength: 30 });

test("exactly the bytes before the first marker are handed over, however they are cut", () => {
  fc.assert(
    fc.property(bytes, bytes, fc.array(fc.nat(8)), (before, after, cuts) => {
      const marker = "\0ab\0";
      const whole = `${before.join("")}${marker}${after.join("")}`;
      let rest = Buffer.from(whole);
      const chunks = cuts.map((cut) => {
        const chunk = rest.subarray(0, cut);
        rest = rest.subarray(cut);
        return chunk;
      });
      const result = scan(marker, [...chunks, rest]);
      expect(result.text()).toBe(whole.slice(0, whole.indexOf(marker)));
      expect(result.markers()).toBe(1);
    }),
  );
});

test("without a marker nothing is lost", () => {
  fc.assert(
    fc.property(fc.array(bytes), (chunks) => {
      const texts = chunks.map((chunk) => chunk.join(""));
      fc.pre(!texts.join("").includes("\0cc\0"));
      const result = scan(
        "\0cc\0",
        texts.map((text) => Buffer.from(text)),
      );
      result.scanner.flush();
      expect(result.text()).toBe(texts.join(""));
      expect(result.markers()).toBe(0);
    }),
  );
});
