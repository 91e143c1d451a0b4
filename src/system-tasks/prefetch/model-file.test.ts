import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../../tasks/task-errors.ts";
import { manifestName, pathFault, toModelFiles } from "./model-file.ts";

const digest = "a".repeat(64);
const oid = "b".repeat(40);
const part = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: "grapheme", maxLength: 4 }),
  fc.constantFrom("..", ".", "", "...", "a", "~", "\\", "C:", manifestName, "x".repeat(256)),
);
const path = fc.array(part, { maxLength: 4 }).map((parts) => parts.join("/"));

test("a path that is taken stays below the folder, as it is written", () => {
  fc.assert(
    fc.property(path, (text) => {
      if (pathFault(text) !== undefined) return;
      const joined = join("/store/model", text);
      expect(joined).toBe(`/store/model/${text}`);
      expect(joined).not.toBe(`/store/model/${manifestName}`);
      const encoded = text.split("/").map(encodeURIComponent).join("/");
      expect(decodeURIComponent(new URL(`http://hub/x/${encoded}`).pathname)).toBe(`/x/${text}`);
    }),
    { numRuns: 500 },
  );
});

test("usual names are taken", () => {
  for (const text of ["a", "a/b.c", ".gitattributes", "déjà vu #1?.md", "x..y", "-a", "..."]) {
    expect([text, pathFault(text)]).toEqual([text, undefined]);
  }
});

test("whatever is listed is a list of safe files, or refused as foreseen", () => {
  const entry = fc.record(
    {
      type: fc.oneof(fc.constantFrom("file", "directory", "unknown"), fc.anything()),
      path: fc.oneof(path, fc.anything()),
      size: fc.oneof(fc.nat(), fc.anything()),
      oid: fc.oneof(fc.constant(oid), fc.anything()),
      lfs: fc.oneof(
        fc.record({ oid: fc.oneof(fc.constant(digest), fc.string()), size: fc.nat() }),
        fc.anything(),
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 4 }), (entries) => {
      try {
        const files = toModelFiles(entries);
        const paths = files.map((file) => file.path);
        expect(new Set(paths).size).toBe(paths.length);
        for (const file of files) {
          expect(pathFault(file.path)).toBeUndefined();
          expect(paths.some((other) => other.startsWith(`${file.path}/`))).toBe(false);
          expect(file.digest).toMatch(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
          expect(file.size).toBeGreaterThanOrEqual(0);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
    { numRuns: 500 },
  );
});

test("folders are left out, large files are proved by their own hash", () => {
  expect(
    toModelFiles([
      { type: "directory", path: "sub", oid, size: 0 },
      { type: "file", path: "sub/a", oid, size: 3 },
      { type: "file", path: "b", oid, size: 9, lfs: { oid: digest, size: 9, pointerSize: 130 } },
      { type: "file", path: "c", oid, size: 1, lfs: { oid: `sha256:${digest}`, size: 1 } },
    ]),
  ).toEqual([
    { path: "sub/a", size: 3, algorithm: "git-sha1", digest: oid },
    { path: "b", size: 9, algorithm: "sha256", digest },
    { path: "c", size: 1, algorithm: "sha256", digest },
  ]);
});
