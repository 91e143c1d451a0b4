import fc from "fast-check";
import { expect, test } from "vitest";
import { createCapture } from "./capture.ts";
import type { AttemptLine } from "./executor.ts";

function capture(limits: { maxLineBytes?: number; maxBytes?: number } = {}) {
  const lines: AttemptLine[] = [];
  const made = createCapture({ ...limits, onLines: (more) => lines.push(...more) });
  return { ...made, lines, texts: () => lines.map(({ message }) => message) };
}

test("text comes back as its lines, however it was cut into chunks", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" }).filter((line) => !/[\n\r]/.test(line))),
      fc.array(fc.nat(40)),
      (lines, cuts) => {
        const { push, end, texts } = capture();
        let bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        for (const cut of cuts) {
          push("stdout", bytes.subarray(0, cut));
          bytes = bytes.subarray(cut);
        }
        push("stdout", bytes);
        end();
        expect(texts()).toEqual(lines);
      },
    ),
  );
});

test("a line beyond the limit is cut between characters and loses nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), fc.nat(20), (text, cut) => {
      const line = text.replace(/[\n\r]/g, "");
      const { push, end, texts } = capture({ maxLineBytes: 8 });
      const bytes = Buffer.from(line);
      push("stdout", bytes.subarray(0, cut));
      push("stdout", bytes.subarray(cut));
      end();
      expect(texts().join("")).toBe(line);
      expect(texts().every((part) => Buffer.byteLength(part) <= 8)).toBe(true);
    }),
  );
});

test("any bytes are accepted, and valid lines among them survive", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (before, after) => {
      const { push, end, texts } = capture();
      push("stderr", before);
      push("stderr", Buffer.from("\nkept\n"));
      push("stderr", after);
      end();
      expect(texts()).toContain("kept");
    }),
  );
});

test("the two streams do not mix and an unfinished line is handed over at the end", () => {
  const { push, end, lines } = capture();
  push("stdout", Buffer.from("one, "));
  push("stderr", Buffer.from("oops"));
  push("stdout", Buffer.from("two\r\nthree"));
  end();
  expect(lines.map(({ stream, message }) => [stream, message])).toEqual([
    ["stdout", "one, two"],
    ["stdout", "three"],
    ["stderr", "oops"],
  ]);
});

test("output beyond the limit is dropped and one line says so", () => {
  const { push, end, texts } = capture({ maxBytes: 10 });
  push("stdout", Buffer.from("12345\n6789012345\n"));
  push("stdout", Buffer.from("more\n"));
  end();
  expect(texts()).toEqual(["12345", "6789", "[output beyond 10 bytes dropped]"]);
});

test("the last ten lines of stderr are kept for the error message", () => {
  const { push, stderrTail } = capture();
  push("stdout", Buffer.from("not this\n"));
  for (let i = 1; i <= 12; i++) push("stderr", Buffer.from(`e${i}\n`));
  expect(stderrTail().split("\n")).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((i) => `e${i}`));
});
