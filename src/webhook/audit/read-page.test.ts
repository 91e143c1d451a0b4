import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ChainHead, chainLine, chainStart, readChainedLine } from "./chained-line.ts";
import { maxLineBytes } from "./read-lines.ts";
import { type LogPageOptions, readPage } from "./read-page.ts";

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-page-"));
  file = join(folder, "audit.log");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What may stand in the file: lines of the log of any length, and what others have left there. */
type Piece =
  | { readonly kind: "line"; readonly length: number }
  | { readonly kind: "other"; readonly text: string };

const piece: fc.Arbitrary<Piece> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .oneof(fc.nat({ max: 60 }), fc.nat({ max: 9000 }))
      .map((length): Piece => ({ kind: "line", length })),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        fc.constantFrom(
          "",
          '{"time":"torn',
          "{}",
          '{"seq":3,"prev":"0","hash":"0"}',
          "\u0000\u0001",
        ),
        fc.nat({ max: 3 }).map((count) => "x".repeat(count * 20_000)),
      )
      .map((text): Piece => ({ kind: "other", text })),
  },
);

/** The file, beginning anywhere in the chain as after a rotation, and its end torn at any place. */
const log = fc.record({
  pieces: fc.array(piece, { maxLength: 60 }),
  first: fc.oneof(fc.constant(0), fc.nat({ max: 1_000_000 })),
  torn: fc.option(fc.nat({ max: 300 }), { nil: undefined }),
});

function print(pieces: readonly Piece[], first: number, torn: number | undefined): string {
  let head: ChainHead = { seq: first, hash: chainStart };
  let text = "";
  for (const one of pieces) {
    if (one.kind === "other") text += `${one.text}\n`;
    else {
      const made = chainLine({ time: "t", pad: "p".repeat(one.length) }, head, undefined);
      head = made.head;
      text += made.line;
    }
  }
  if (torn === undefined) return text;
  return (
    text + chainLine({ time: "torn", pad: "p".repeat(100) }, head, undefined).line.slice(0, torn)
  );
}

/** All whole lines of the log, the newest first, by reading all of it. */
function readAll(text: string): readonly number[] {
  return text
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => readChainedLine(Buffer.from(line))?.seq ?? [])
    .reverse();
}

const seqs = async (options: LogPageOptions) => {
  const { lines, next, isCut } = await readPage(file, options);
  return { seqs: lines.map(({ seq }) => seq), next, isCut };
};

test("a page is what reading all of the file gives, whatever stands in it", async () => {
  await fc.assert(
    fc.asyncProperty(
      log,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 100, max: 20_000 }),
      fc.option(fc.nat({ max: 80 }), { nil: undefined }),
      async ({ pieces, first, torn }, limit, chunkBytes, offset) => {
        const text = print(pieces, first, torn);
        await writeFile(file, text);
        const before = offset === undefined ? undefined : first + offset;
        const expected = readAll(text).filter((seq) => before === undefined || seq < before);
        const page = await seqs({ limit, chunkBytes, before, pageBytes: 10_000_000 });
        expect(page.seqs).toEqual(expected.slice(0, limit));
        const isMore = expected.length > limit;
        expect(page.next).toBe(isMore ? expected[limit - 1] : undefined);
        expect(page.isCut).toBe(false);
      },
    ),
    { numRuns: 150 },
  );
});

test("all pages together are all lines, also while lines are being written", async () => {
  await fc.assert(
    fc.asyncProperty(
      log,
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.nat({ max: 400 }), { minLength: 3, maxLength: 3 }),
      async ({ pieces, first }, limit, written) => {
        const text = print(pieces, first, undefined);
        await writeFile(file, text);
        const found: number[] = [];
        let before: number | undefined;
        for (let count = 0; ; count += 1) {
          const page = await seqs({ limit, before, chunkBytes: 3000 });
          found.push(...page.seqs);
          if (page.next === undefined) break;
          before = page.next;
          // A part of a line that is not there yet.
          await appendFile(file, "y".repeat(written[count % 3] ?? 0));
        }
        expect(found).toEqual(readAll(text));
      },
    ),
    { numRuns: 60 },
  );
});

test("what is read for a page does not grow with the file", async () => {
  const lines = Array.from({ length: 40_000 }, (): Piece => ({ kind: "line", length: 100 }));
  await writeFile(file, print(lines, 0, undefined));
  // Less than a tenth of the file, and enough for a page anywhere in it.
  for (const before of [undefined, 39_000, 20_000, 77]) {
    const page = await seqs({ limit: 50, before, mostBytes: 1_000_000 });
    const last = (before ?? 40_001) - 1;
    expect(page.seqs).toEqual(Array.from({ length: 50 }, (_, index) => last - index));
    expect(page.next).toBe(last - 49);
  }
});

test("a page is as long as may be answered, and has one line at least", async () => {
  const long: Piece = { kind: "line", length: 5000 };
  await writeFile(file, print([long, long, long, long], 0, undefined));
  expect(await seqs({ limit: 50, pageBytes: 11_000 })).toMatchObject({ seqs: [4, 3], next: 3 });
  expect(await seqs({ limit: 50, pageBytes: 1 })).toMatchObject({ seqs: [4], next: 4 });
});

test("what is longer than any line is passed over, and given up when there is too much of it", async () => {
  const line: Piece = { kind: "line", length: 10 };
  const other: Piece = { kind: "other", text: "z".repeat(maxLineBytes * 3) };
  await writeFile(file, print([line, other, line], 0, undefined));
  expect(await seqs({ limit: 50 })).toEqual({ seqs: [2, 1], next: undefined, isCut: false });
  await writeFile(file, print([line, other], 0, undefined));
  expect(await seqs({ limit: 50, mostBytes: 300_000 })).toEqual({
    seqs: [],
    next: undefined,
    isCut: true,
  });
});

test("lines of another log between these leave some out, and never the time or the memory", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 50 }), { maxLength: 60 }), async (numbers) => {
      const text = numbers
        .map((seq) => chainLine({ time: "t" }, { seq, hash: chainStart }, undefined).line)
        .join("");
      await writeFile(file, text);
      let before: number | undefined;
      const found: number[] = [];
      do {
        const page = await seqs({ limit: 3, before, chunkBytes: 200 });
        for (const seq of page.seqs) expect(seq).toBeLessThan(before ?? Number.POSITIVE_INFINITY);
        found.push(...page.seqs);
        before = page.next;
      } while (before !== undefined);
      expect(found.length).toBeLessThanOrEqual(numbers.length * 3);
    }),
    { numRuns: 100 },
  );
});

test("an empty file has no lines, and an absent one is told", async () => {
  await writeFile(file, "");
  expect(await seqs({ limit: 5 })).toEqual({ seqs: [], next: undefined, isCut: false });
  await expect(readPage(join(folder, "absent"), { limit: 5 })).rejects.toMatchObject({
    code: "ENOENT",
  });
});
