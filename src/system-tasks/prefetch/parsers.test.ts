import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRetryAfterMs, toBackoffMs } from "./backoff.ts";
import { parseContentRange } from "./content-range.ts";
import { toSerialFormat } from "./model-metadata.ts";
import { longestPointer, parsePointer } from "./pointer-file.ts";
import { printBytes } from "./progress.ts";
import { readAnswer } from "./read-answer.ts";

describe("a range of a content", () => {
  test("comes back as it was written", () => {
    const range = fc
      .tuple(fc.nat(1e12), fc.nat(1e12), fc.option(fc.nat(1e12)))
      .map(([first, more, rest]) => ({
        first,
        last: first + more,
        total: rest === null ? undefined : first + more + 1 + rest,
      }));
    fc.assert(
      fc.property(range, fc.constantFrom("bytes", "BYTES"), ({ first, last, total }, unit) => {
        const text = `${unit} ${first}-${last}/${total ?? "*"}`;
        expect(parseContentRange(text)).toEqual({ first, last, total });
      }),
    );
  });

  test.each([
    null,
    "",
    "bytes */10",
    "bytes 0-10/10",
    "bytes 5-4/10",
    "bytes 0-4",
    "bytes -1-4/10",
    "bytes 0-4/10, bytes 5-9/10",
    "items 0-4/10",
    "bytes 0-99999999999999999/*",
    "bytes 0x0-4/10",
  ])("%j is none", (text) => {
    expect(parseContentRange(text)).toBeUndefined();
  });

  test("any text is a range within its content, or none", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^bytes \d{0,18}-\d{0,18}\/[\d*]{0,18}$/), (text) => {
        const range = parseContentRange(text);
        if (range === undefined) return;
        expect(range.first).toBeLessThanOrEqual(range.last);
        expect(range.last).toBeLessThan(range.total ?? Number.POSITIVE_INFINITY);
      }),
    );
  });
});

describe("an answer", () => {
  const header = fc.option(fc.string({ unit: fc.constantFrom(...'bytes 0123456789-/*"W') }));

  test("is appended only where it says that it begins there", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(200, 206, 416),
        fc.record({ range: header, length: header, etag: header }),
        fc.record({ offset: fc.nat(100), more: fc.integer({ min: 1, max: 100 }) }),
        fc.option(fc.constantFrom('"1"', '"2"'), { nil: undefined }),
        (status, { range, length, etag }, { offset, more }, known) => {
          const headers = new Headers();
          if (range !== null) headers.set("content-range", range);
          if (length !== null) headers.set("content-length", length);
          if (etag !== null) headers.set("etag", etag);
          const size = offset + more;
          const { kind } = readAnswer({ status, headers }, { offset, size, etag: known });
          const first = parseContentRange(headers.get("content-range"))?.first;
          if (kind !== "append") return;
          expect(status === 200 ? offset : first).toBe(status === 200 ? 0 : offset);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    [200, {}, 0, "append"],
    [200, { "content-length": "10" }, 0, "append"],
    [200, { "content-length": "11" }, 0, "useless"],
    [200, { "content-length": "3", "content-encoding": "gzip" }, 0, "append"],
    [200, { "content-length": "10" }, 4, "restart"],
    [206, { "content-range": "bytes 4-9/10" }, 4, "append"],
    [206, { "content-range": "bytes 4-9/*" }, 4, "append"],
    [206, { "content-range": "bytes 4-9/10", etag: '"same"' }, 4, "append"],
    [206, { "content-range": "bytes 4-9/10", etag: '"other"' }, 4, "restart"],
    [206, { "content-range": "bytes 4-9/10", etag: 'W/"other"' }, 4, "append"],
    [206, { "content-range": "bytes 3-9/10" }, 4, "useless"],
    [206, { "content-range": "bytes 4-10/11" }, 4, "useless"],
    [206, {}, 4, "useless"],
    [416, {}, 4, "restart"],
    [416, {}, 0, "useless"],
  ])("%s with %j at %s: %s", (status, given, offset, kind) => {
    const headers = new Headers(Object.entries(given).map(([name, value]) => [name, value ?? ""]));
    const answered = readAnswer({ status, headers }, { offset, size: 10, etag: '"same"' });
    expect(answered.kind).toBe(kind);
  });
});

describe("a pointer of Git LFS", () => {
  const pointer = (oid: string, size: number | string): string =>
    `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;

  test("is known, with or without extensions", () => {
    const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
    fc.assert(
      fc.property(hex, fc.nat(1e15), (digest, size) => {
        expect(parsePointer(Buffer.from(pointer(digest, size)))).toEqual({ digest, size });
        const extended = pointer(digest, size).replace("\n", `\next-0-x sha256:${digest}\n`);
        expect(parsePointer(Buffer.from(extended))).toEqual({ digest, size });
      }),
    );
  });

  test("is nothing else", () => {
    const text = pointer("a".repeat(64), 3);
    for (const other of [
      "",
      "{}",
      text.slice(1),
      text.replace("v1", "v2"),
      text.replace("sha256", "sha1"),
      pointer("A".repeat(64), 3),
      pointer("a".repeat(63), 3),
      pointer("a".repeat(64), "-3"),
      pointer("a".repeat(64), "9".repeat(17)),
      `${text}${"x".repeat(longestPointer)}`,
    ]) {
      expect(parsePointer(Buffer.from(other))).toBeUndefined();
    }
    fc.assert(fc.property(fc.uint8Array(), (bytes) => parsePointer(bytes) === undefined));
  });
});

test("a Retry-After is seconds or a date, and nothing else", () => {
  const now = Date.parse("2026-01-02T03:04:05Z");
  expect(readRetryAfterMs("7", now)).toBe(7000);
  expect(readRetryAfterMs("Fri, 02 Jan 2026 03:05:05 GMT", now)).toBe(60_000);
  expect(readRetryAfterMs("Fri, 02 Jan 2026 03:00:00 GMT", now)).toBe(0);
  for (const text of [null, "", "-1", "1.5", "soon", "9999999999"]) {
    expect([text, readRetryAfterMs(text, now)]).toEqual([text, undefined]);
  }
});

test("waits grow with the failures in a row, up to a limit", () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.nat(2000), random, (failures, chance) => {
      const ms = toBackoffMs(failures, chance);
      expect(ms).toBeGreaterThanOrEqual(100);
      expect(ms).toBeLessThanOrEqual(30_000);
      expect(toBackoffMs(failures + 1, chance)).toBeGreaterThanOrEqual(ms);
    }),
  );
});

test.each([
  [["a.bin", "model.safetensors"], "safetensors"],
  [["x.gguf"], "gguf"],
  [["onnx/model.onnx", "README.md"], "onnx"],
  [["pytorch_model-00001-of-00002.bin"], "pytorch"],
  [["tf_model.h5"], "tensorflow"],
  [["flax_model.msgpack"], "flax"],
  [["weights.pt"], "pytorch"],
  [["README.md"], undefined],
])("the format of %j is %s", (paths, format) => {
  expect(toSerialFormat(paths)).toBe(format);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [3_000_000_000, "3.0 GB"],
  [1.5e12, "1.5 TB"],
])("%s bytes are %s", (bytes, text) => {
  expect(printBytes(bytes)).toBe(text);
});
