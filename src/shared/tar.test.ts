import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packTar } from "./tar.ts";

/** As the system's own program unpacks it. */
function unpack(archive: Uint8Array, look: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "flyte-webhook-tar-"));
  try {
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
    look(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const part = fc.stringMatching(/^[a-zäöü 'é-]{1,60}$/).filter((text) => text.trim() !== "");
const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => `x${parts.join("/y")}`);

test("tar reads every file back, however long its path", () => {
  fc.assert(
    fc.property(
      path,
      fc.uint8Array({ maxLength: 1_200 }),
      fc.boolean(),
      (given, bytes, executable) => {
        unpack(packTar([{ path: given, bytes, executable }]), (folder) => {
          const file = join(folder, given);
          expect(new Uint8Array(readFileSync(file))).toEqual(bytes);
          expect((statSync(file).mode & 0o100) !== 0).toBe(executable);
        });
      },
    ),
    { numRuns: 25 },
  );
});

test("the same files have the same bytes", () => {
  const files = [
    { path: "a", bytes: Buffer.from("1") },
    { path: `${"long/".repeat(40)}b`, bytes: Buffer.alloc(512) },
  ];
  expect(packTar(files)).toEqual(packTar(structuredClone(files)));
  unpack(packTar(files), (folder) => {
    expect(statSync(join(folder, "a")).mtimeMs).toBe(0);
    expect(statSync(join(folder, files[1]?.path ?? "")).size).toBe(512);
  });
});
