import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlyteError } from "../../shared/errors.ts";
import { packTar } from "../../shared/tar.ts";
import { readTar } from "./read-tar.ts";

const name = fc.stringMatching(/^[a-zäé][a-z0-9äé ._-]{0,40}$/);
const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => names.join("/"));
const file = fc.record({
  path,
  bytes: fc.uint8Array({ maxLength: 2_000 }),
  executable: fc.boolean(),
});

test("what is packed is read back", () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 5 }), (files) => {
      const read = [...readTar(packTar(files))].map((entry) => ({
        ...entry,
        bytes: new Uint8Array(entry.bytes),
      }));
      expect(read).toEqual(files.map((each) => ({ ...each, kind: "file" })));
    }),
  );
});

test("any bytes are read or refused, and what is read stays in its folder", () => {
  const archive = packTar([{ path: "a/b.txt", bytes: new Uint8Array(600) }]);
  const damage = fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(damage, fc.nat(archive.length), (changes, length) => {
      const bytes = Uint8Array.from(archive).slice(0, length);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        for (const entry of readTar(bytes)) expect(entry.path).not.toMatch(/^\/|\.\.|\\/);
      } catch (error) {
        if (!FlyteError.is(error)) throw error;
        expect(error.message).toMatch(/^The code bundle is refused: /);
      }
    }),
  );
});

/** An archive with an entry that our own packing never makes. */
function archiveOf(path: string, type = "0"): Uint8Array {
  const archive = Buffer.from(packTar([{ path: "x", bytes: new Uint8Array(0) }]));
  archive.fill(0, 0, 100);
  archive.write(path, 0);
  archive.write(type, 156, "latin1");
  archive.write("        ", 148, "latin1");
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return archive;
}

describe("an archive of somebody else", () => {
  test.each(["/etc/passwd", "../x", "a/../../x", "a//x", "./x", "a\\..\\x", "C:x", "..", ""])(
    "may not name the path %j",
    (given) => {
      expect(() => [...readTar(archiveOf(given))]).toThrow(/leaves the folder, or could/);
    },
  );

  test.each([
    ["a hard link", "1"],
    ["a symbolic link", "2"],
    ["a device", "3"],
    ["a pipe", "6"],
  ])("may not hold %s", (_, type) => {
    expect(() => [...readTar(archiveOf("x", type))]).toThrow(/neither a file nor a folder/);
  });

  test("may hold a folder", () => {
    expect([...readTar(archiveOf("x/", "5"))]).toMatchObject([{ path: "x", kind: "folder" }]);
  });
});
