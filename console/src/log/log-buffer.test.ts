import fc from "fast-check";
import { expect, test } from "vitest";
import { LogBuffer } from "./log-buffer.ts";
import { LogSearch } from "./log-search.ts";

const toLines = (...messages: readonly string[]) => messages.map((message) => ({ message }));

const textsOf = (buffer: LogBuffer): readonly (string | undefined)[] =>
  Array.from({ length: buffer.end - buffer.first }, (_, at) => buffer.at(buffer.first + at)).map(
    (line) => line?.message,
  );

test("keeps the last lines within its bounds, each with its number", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { maxLength: 200 }),
      fc.integer({ min: 1, max: 9 }),
      (sizes, batch) => {
        const buffer = new LogBuffer({ maxLines: 30, maxSize: 200 });
        const all = sizes.map((size, at) => `${at} ${"x".repeat(size)}`);
        for (let at = 0; at < all.length; at += batch) {
          buffer.append(toLines(...all.slice(at, at + batch)));
          expect(buffer.end - buffer.first).toBeLessThanOrEqual(30);
          expect(textsOf(buffer).join("").length).toBeLessThanOrEqual(200);
        }
        expect(buffer.end).toBe(all.length);
        expect(textsOf(buffer)).toEqual(all.slice(buffer.first));
        if (all.length > 0) expect(buffer.at(buffer.end - 1)?.message).toBe(all.at(-1));
      },
    ),
  );
});

test("a log that is read again changes nothing, wherever it was broken off", () => {
  fc.assert(
    fc.property(
      fc.nat(60),
      fc.array(fc.nat(60), { maxLength: 4 }),
      fc.integer({ min: 5, max: 80 }),
      (count, breaks, maxLines) => {
        const all = Array.from({ length: count }, (_, at) => `line ${at}`);
        const buffer = new LogBuffer({ maxLines });
        for (const seen of breaks) {
          buffer.restart();
          buffer.append(toLines(...all.slice(0, seen)));
        }
        buffer.restart();
        buffer.append(toLines(...all));
        buffer.settle();
        expect(buffer.changes).toBe(0);
        expect(buffer.end).toBe(count);
        expect(textsOf(buffer)).toEqual(all.slice(buffer.first));
      },
    ),
  );
});

test("a log that has become shorter or another is so once it is read", () => {
  const buffer = new LogBuffer();
  buffer.append(toLines("a", "b", "c"));
  buffer.restart();
  buffer.append(toLines("a", "x"));
  expect(textsOf(buffer)).toEqual(["a", "x", "c"]);
  buffer.settle();
  expect(textsOf(buffer)).toEqual(["a", "x"]);
  expect(buffer.changes).toBe(2);
  buffer.append(toLines("d"));
  expect(textsOf(buffer)).toEqual(["a", "x", "d"]);
});

test("a search follows the log: lines that come, go and change", () => {
  const buffer = new LogBuffer({ maxLines: 10 });
  const search = new LogSearch(buffer, "ODD");
  const name = (at: number): string => `${at} ${at % 2 === 1 ? "\u001b[31modd\u001b[0m" : "even"}`;
  buffer.append(toLines(...Array.from({ length: 6 }, (_, at) => name(at))));
  expect(search.scan(2)).toBe(false);
  expect(search.found).toEqual([1]);
  expect(search.scan(100)).toBe(true);
  expect(search.found).toEqual([1, 3, 5]);
  buffer.append(toLines(...Array.from({ length: 6 }, (_, at) => name(at + 6))));
  search.scan(100);
  expect(buffer.first).toBe(3);
  expect(search.found).toEqual([3, 5, 7, 9, 11]);
  buffer.restart();
  buffer.append(toLines(...Array.from({ length: 12 }, () => "even")));
  search.scan(100);
  expect(search.found).toEqual([]);
});
