import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FlyteError } from "../../shared/errors.ts";
import { isBlobSegment, parseBlobUri, toBlobSegment } from "./blob-path.ts";
import { createFileBlobStore, type FileBlobStore } from "./file-blob-store.ts";

let folder: string;
let blobs: FileBlobStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flyte blobs-"));
  writeFileSync(join(folder, "outside"), "secret");
  blobs = createFileBlobStore({ folder: join(folder, "blobs") });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const bytes = Buffer.from("content");

test("what is written is read back, and replaced by a later write", async () => {
  const uri = `${blobs.root}/a/b/inputs.pb`;
  expect(await blobs.exists(uri)).toBe(false);
  expect(await blobs.read(uri)).toBeUndefined();
  await blobs.write(uri, Buffer.from("before"));
  await blobs.write(uri, bytes);
  expect(await blobs.exists(uri)).toBe(true);
  expect(await blobs.read(uri)).toEqual(bytes);
  expect(readdirSync(join(folder, "blobs", "a", "b"))).toEqual(["inputs.pb"]);
});

test("a folder is not a blob, and nothing is below a blob", async () => {
  await blobs.write(`${blobs.root}/a/b`, bytes);
  expect(await blobs.read(`${blobs.root}/a`)).toBeUndefined();
  expect(await blobs.exists(`${blobs.root}/a`)).toBe(false);
  expect(await blobs.read(`${blobs.root}/a/b/c`)).toBeUndefined();
});

test("many writers at once leave one whole blob", async () => {
  const uri = `${blobs.root}/race/blob`;
  const contents = Array.from({ length: 20 }, (_, index) => Buffer.alloc(50_000, index));
  await Promise.all(contents.map((content) => blobs.write(uri, content)));
  const found = await blobs.read(uri);
  expect(contents.some((content) => found !== undefined && content.equals(found))).toBe(true);
  expect(readdirSync(join(folder, "blobs", "race"))).toEqual(["blob"]);
});

test("a source that breaks leaves nothing behind", async () => {
  async function* broken(): AsyncIterable<Uint8Array> {
    yield bytes;
    throw new Error("cut off");
  }
  await expect(blobs.writeStream(`${blobs.root}/x/y`, broken())).rejects.toThrow("cut off");
  expect(readdirSync(join(folder, "blobs", "x"))).toEqual([]);
});

test.each([
  "../outside",
  "a/../../outside",
  "..%2foutside",
  "%2e%2e/outside",
  "..\\outside",
  "a//b",
  "a/",
  "",
  ".",
  "a\0b",
  "ü",
  "a b",
  "?x",
  "#x",
  "x".repeat(256),
])("the path %j is refused by every method", async (path) => {
  const uri = `${blobs.root}/${path}`;
  for (const attempt of [blobs.read(uri), blobs.exists(uri), blobs.write(uri, bytes)]) {
    await expect(attempt).rejects.toMatchObject({ code: "invalid_input" });
  }
  expect(existsSync(join(folder, "blobs"))).toBe(false);
});

test.each(["file:///etc/passwd", "s3://bucket/key", "/etc/passwd", ""])(
  "the URI %j of another store is refused",
  async (uri) => {
    await expect(blobs.read(uri)).rejects.toMatchObject({ code: "invalid_input" });
  },
);

test("a store whose folder only begins alike is another store", async () => {
  mkdirSync(join(folder, "blobs-of-others"));
  await expect(blobs.read(`${blobs.root}-of-others/x`)).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("no path climbs: every accepted URI names only plain segments", () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom("..", ".", "", "a", "/", "%2e", "\\", "\0"));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
      try {
        const segments = parseBlobUri("file:///r", `file:///r/${pieces.join("/")}`);
        expect(segments.every(isBlobSegment)).toBe(true);
        expect(join("/r", ...segments)).toBe(`/r/${segments.join("/")}`);
      } catch (error) {
        if (!FlyteError.is(error)) throw error;
      }
    }),
  );
});

test("any name becomes a segment, and a good one stays as it is", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary", maxLength: 300 })), (name) => {
      const segment = toBlobSegment(name);
      expect(isBlobSegment(segment)).toBe(true);
      if (isBlobSegment(name)) expect(segment).toBe(name);
    }),
  );
});
