import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChainHead, chainLine, chainStart } from "./chained-line.ts";
import { verifyLog } from "./verify-log.ts";

const key = "a key of at least 32 characters, for tests";
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-audit-"));
});
afterAll(() => rm(folder, { recursive: true }));

const time = "2026-11-21T09:00:00.000Z";

/** Lines of a log, without their line breaks. */
function write(
  entries: readonly Readonly<Record<string, unknown>>[],
  withKey?: string,
  start: ChainHead = { seq: 0, hash: chainStart },
): string[] {
  let head = start;
  return entries.map((entry) => {
    const made = chainLine({ time, ...entry }, head, withKey);
    head = made.head;
    return made.line.slice(0, -1);
  });
}

async function store(lines: readonly string[], name = "audit.log", end = "\n"): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, lines.length === 0 ? "" : lines.join("\n") + end);
  return file;
}

const verify = async (lines: readonly string[], options = {}) =>
  verifyLog([await store(lines)], options);

/** Where two logs differ first, from 1. */
function firstDifference(left: readonly string[], right: readonly string[]): number {
  const index = left.findIndex((line, at) => line !== right[at]);
  return (index === -1 ? left.length : index) + 1;
}

const entry = fc.record({ requestId: fc.uuid(), target: fc.string({ unit: "binary" }) });
const log = fc.tuple(
  fc.array(entry, { minLength: 3, maxLength: 12 }),
  fc.constantFrom(undefined, key),
);

/** Ways to change a log that leave its last line where it is. */
const change = fc.oneof(
  fc.record({ kind: fc.constant("edit" as const), at: fc.nat(), byte: fc.nat(), to: fc.nat(255) }),
  fc.record({
    kind: fc.constant("delete" as const),
    at: fc.nat(),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant("insert" as const), at: fc.nat(), text: fc.string() }),
  fc.record({ kind: fc.constant("repeat" as const), at: fc.nat(), from: fc.nat() }),
  fc.record({ kind: fc.constant("swap" as const), at: fc.nat(), with: fc.nat() }),
);

type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

function changed(lines: readonly string[], asked: Change): string[] {
  const result = [...lines];
  const at = asked.at % lines.length;
  switch (asked.kind) {
    case "edit": {
      const bytes = Buffer.from(lines[at] ?? "", "latin1");
      bytes[asked.byte % bytes.length] = asked.to;
      result[at] = bytes.toString("latin1");
      return result.join("\n").split("\n");
    }
    case "delete":
      // The last line stays: that lines are missing at the end is another test.
      result.splice(Math.min(at, lines.length - 2), 1);
      return result;
    case "insert":
      result.splice(at, 0, ...asked.text.replaceAll(/[^\x20-\x7e]/g, "?").split("\n"));
      return result;
    case "repeat":
      result.splice(at, 0, lines[asked.from % lines.length] ?? "");
      return result;
    case "swap": {
      const other = asked.with % lines.length;
      [result[at], result[other]] = [result[other] ?? "", result[at] ?? ""];
      return result;
    }
  }
}

describe("a log that was changed", () => {
  test("is found at the first line that is not as it was", async () => {
    await fc.assert(
      fc.asyncProperty(log, change, async ([entries, withKey], asked) => {
        const lines = write(entries, withKey);
        const tampered = changed(lines, asked);
        fc.pre(tampered.join("\n") !== lines.join("\n"));
        const file = join(folder, "audit.log");
        await writeFile(file, `${tampered.join("\n")}\n`, "latin1");
        const { broken } = await verifyLog([file], withKey === undefined ? {} : { key: withKey });
        expect(broken?.line).toBe(firstDifference(tampered, lines));
      }),
      { numRuns: 400 },
    );
  });

  const lines = write([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }, { a: 5 }]);
  const [one = "", two = "", three = "", four = "", five = ""] = lines;
  const forged = write([{ a: "forged" }], undefined, headOf(two))[0] ?? "";

  test.each([
    ["edited", 3, "an edit", [one, two, three.replace('"a":3', '"a":9'), four, five]],
    ["edited", 3, "a line that is no line any more", [one, two, "x", four, five]],
    ["edited", 5, "an edit of the last line", [one, two, three, four, five.replace("5", "6")]],
    ["deleted", 3, "a missing line", [one, two, four, five]],
    ["deleted", 1, "missing first lines", [three, four, five]],
    [
      "inserted",
      3,
      "a line of another log",
      [one, two, forged.replace("forged", "fudged"), three, four, five],
    ],
    ["inserted", 3, "any text", [one, two, "# a note", three, four, five]],
    ["inserted", 4, "a line again", [one, two, three, two, four, five]],
    ["inserted", 3, "an empty line", [one, two, "", three, four, five]],
    ["reordered", 2, "neighbours that were swapped", [one, three, two, four, five]],
    ["reordered", 1, "the first and the last line", [five, two, three, four, one]],
    ["edited", 4, "a line that was written anew with its hash", [one, two, forged, four, five]],
  ])("%s at line %i: %s", async (kind, line, _what, tampered) => {
    expect((await verify(tampered)).broken).toMatchObject({ kind, line });
  });

  test("with the key nobody but its owner can go on with it", async () => {
    const keyed = write([{ a: 1 }, { a: 2 }], key);
    const added = write([{ a: 3 }], undefined, headOf(keyed[1] ?? ""));
    expect((await verify([...keyed, ...added], { key })).broken).toMatchObject({ line: 3 });
    const anew = write([{ a: 1 }, { a: 2 }]);
    expect((await verify(anew, { key })).broken).toMatchObject({ line: 1, kind: "edited" });
    expect((await verify(keyed)).broken?.text).toContain("--key-env");
    expect((await verify(keyed, { key })).broken).toBeUndefined();
  });

  test("lines that are missing at the end are found by a hash that was noted", async () => {
    const noted = headOf(four).hash;
    expect((await verify([one, two, three], { expectHash: noted })).broken).toMatchObject({
      kind: "truncated",
      line: 4,
    });
    expect((await verify(lines, { expectHash: noted })).broken).toBeUndefined();
    // Without it nobody can tell.
    expect((await verify([one, two, three])).broken).toBeUndefined();
  });
});

describe("an honest log", () => {
  test("of any restarts, files and torn ends verifies, and tells what it holds", async () => {
    const part = fc.record({
      entries: fc.array(entry, { maxLength: 4 }),
      /** What the process left when it was killed. */
      torn: fc.option(fc.string({ unit: "binary-ascii", minLength: 1 }), { nil: undefined }),
      rotates: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
        const texts = [""];
        let head: ChainHead = { seq: 0, hash: chainStart };
        let torn: { bytes: number; sha256: string } | undefined;
        for (const { entries, torn: left, rotates } of parts) {
          const all = [{ event: "start", torn }, ...entries];
          const lines = write(all, undefined, head);
          head = headOf(lines.at(-1) ?? "");
          const shown = left?.replace(/\n$/, "");
          torn = shown ? { bytes: shown.length, sha256: sha256(shown) } : undefined;
          texts[texts.length - 1] += `${lines.join("\n")}\n${shown ? `${shown}\n` : ""}`;
          if (rotates && !shown) texts.push("");
        }
        const last = write([{ event: "start", torn }], undefined, head);
        texts[texts.length - 1] += `${last.join("\n")}\n`;
        const files = texts.map((_, index) => join(folder, `part-${index}.log`));
        await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? "")));
        const summary = await verifyLog(files);
        expect(summary).toMatchObject({
          ...{ broken: undefined, from: time, to: time },
          starts: parts.length + 1,
          torn: parts.filter(({ torn }) => torn?.replace(/\n$/, "")).length,
          ...headOf(last[0] ?? ""),
        });
      }),
    );
  });

  test("may end in a line that was not finished, or not ended", async () => {
    const [one = "", two = ""] = write([{ a: 1 }, { a: 2 }]);
    const cut = await store([one, two.slice(0, 20)], "cut.log", "");
    expect(await verifyLog([cut])).toMatchObject({ lines: 1, torn: 1, broken: undefined });
    const open = await store([one, two], "open.log", "");
    expect(await verifyLog([open])).toMatchObject({ lines: 2, torn: 0, broken: undefined });
  });

  test("goes on in its next files, in their order", async () => {
    const lines = write([{ a: 1 }, { a: 2 }, { a: 3 }]);
    const [first, second] = [
      await store(lines.slice(0, 2), "1.log"),
      await store(lines.slice(2), "2.log"),
    ];
    expect(await verifyLog([first, second])).toMatchObject({ lines: 3, broken: undefined });
    expect((await verifyLog([second, first])).broken).toMatchObject({ file: second, line: 1 });
    const afterHash = headOf(lines[1] ?? "").hash;
    expect((await verifyLog([second], { afterHash })).broken).toBeUndefined();
    expect((await verifyLog([second], { afterHash: chainStart })).broken).toBeDefined();
  });

  test("of nothing verifies", async () => {
    expect(await verify([])).toMatchObject({ lines: 0, seq: 0, broken: undefined });
  });

  test("of many lines is read in memory that does not grow with it", async () => {
    const file = join(folder, "large.log");
    const out = createWriteStream(file);
    let head: ChainHead = { seq: 0, hash: chainStart };
    const target = "x".repeat(600);
    for (let group = 0; group < 100; group += 1) {
      let text = "";
      for (let line = 0; line < 600; line += 1) {
        const made = chainLine({ time, target }, head, undefined);
        head = made.head;
        text += made.line;
      }
      if (!out.write(text)) await once(out, "drain");
    }
    out.end("y".repeat(20_000_000));
    await finished(out);
    const before = process.memoryUsage();
    const { lines, torn } = await verifyLog([file]);
    const after = process.memoryUsage();
    expect({ lines, torn }).toEqual({ lines: 60_000, torn: 1 });
    const grown = after.arrayBuffers - before.arrayBuffers;
    expect(grown).toBeLessThan(30_000_000); // of 66 MB
  });
});

function headOf(line: string): ChainHead {
  const { seq, hash } = JSON.parse(line) as ChainHead;
  return { seq, hash };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
