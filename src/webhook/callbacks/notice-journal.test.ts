import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Notice } from "./notice.ts";
import { NoticeJournal } from "./notice-journal.ts";
import { applyLine, emptyState, linesOf, type NoticeLine } from "./notice-state.ts";

let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-journal-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function newFile(): string {
  count += 1;
  return join(folder, `${count}.jsonl`);
}

function notice(id: string): Notice {
  const run = { project: "p", domain: "d", name: `run-${id}` };
  return { id, to: "callback", url: `https://ci.example.com/${id}?ä`, run, since: 1 };
}

const id = fc.constantFrom("a", "b", "c", "d");
const line: fc.Arbitrary<NoticeLine> = fc.oneof(
  fc.record({
    op: fc.constant("keep" as const),
    notice: id.map(notice),
    start: fc.constantFrom("started" as const, "named" as const, "claimed" as const),
  }),
  fc.record({ op: fc.constant("started" as const), id }),
  fc.record({ op: fc.constant("tried" as const), id, attempts: fc.nat(9), nextAt: fc.nat() }),
  fc.record({
    op: fc.constant("over" as const),
    id,
    end: fc.constantFrom(
      ...(["delivered", "refused", "given_up", "expired", "withdrawn"] as const),
    ),
    at: fc.nat(),
  }),
);

function stateAfter(lines: readonly NoticeLine[]) {
  const state = emptyState();
  for (const each of lines) applyLine(state, each);
  return state;
}

test("a state is that of its lines", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
      const { kept, told } = stateAfter(lines);
      const again = stateAfter(linesOf({ kept, told }));
      expect([...again.told.keys()]).toEqual([...told.keys()]);
      const sent = [...kept].map(([key, each]) => [
        key,
        each.attempts > 0 ? each : { ...each, nextAt: 0 },
      ]);
      expect([...again.kept]).toEqual(sent);
    }),
  );
});

test("a crash at any byte loses nothing that was on disk, and doubles nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 12 }),
      fc.array(line, { maxLength: 4 }),
      fc.nat(),
      async (lines, later, at) => {
        const file = newFile();
        const first = await NoticeJournal.open(file);
        await Promise.all(lines.map((each) => first.write(each)));
        await first.close();
        const bytes = await readFile(file);
        const cut = at % (bytes.length + 1);
        const whole = bytes.subarray(0, cut).toString("latin1").split("\n").length - 1;
        await writeFile(file, bytes.subarray(0, cut));

        const second = await NoticeJournal.open(file);
        // A line may be whole without its break.
        const possible = [whole, whole + 1].map((most) => stateAfter(lines.slice(0, most)));
        const found = JSON.stringify([...second.state.kept.keys()]);
        expect(possible.map(({ kept }) => JSON.stringify([...kept.keys()]))).toContain(found);
        for (const each of later) await second.write(each);
        const expected = [...second.state.kept];
        await second.close();

        const third = await NoticeJournal.open(file);
        expect([...third.state.kept].map(([key]) => key)).toEqual(expected.map(([key]) => key));
        await third.close();
      },
    ),
    { numRuns: 60 },
  );
});

test("lines that are none are passed over", async () => {
  const file = newFile();
  const good = { op: "keep", notice: notice("a"), start: "started" };
  const bad = [
    ...["", "{", "null", "[]", "{}", '{"op":"keep"}', '{"op":"over","id":"a"}', "\u0000\u0000"],
    JSON.stringify({ ...good, notice: { ...notice("b"), url: "no address" } }),
    JSON.stringify({ ...good, notice: { ...notice("b"), to: "elsewhere" } }),
    JSON.stringify({ ...good, start: "perhaps" }),
    '{"op":"__proto__","id":"a"}',
  ];
  await writeFile(file, [...bad, JSON.stringify(good), ...bad, '{"op":"ov'].join("\n"));
  const journal = await NoticeJournal.open(file);
  expect([...journal.state.kept.keys()]).toEqual(["a"]);
  await journal.close();
});

test("stays small, and its owner's", async () => {
  const file = newFile();
  await writeFile(file, "", { mode: 0o666 });
  const journal = await NoticeJournal.open(file);
  for (let index = 0; index < 40; index += 1) {
    const writes = Array.from({ length: 100 }, (_, place) => [
      journal.write({ op: "keep", notice: notice(`n${place}`), start: "started" }),
      journal.write({ op: "over", id: `n${place}`, end: "given_up", at: 1 }),
    ]);
    await Promise.all(writes.flat());
  }
  await journal.write({ op: "keep", notice: notice("last"), start: "started" });
  const { size, mode } = await stat(file);
  expect(size).toBeLessThan(250_000);
  expect(mode & 0o777).toBe(0o600);
  await journal.close();
  const again = await NoticeJournal.open(file);
  expect([...again.state.kept.keys()]).toEqual(["last"]);
  await again.close();
});

test("belongs to one process, and names its option where it cannot be written", async () => {
  const file = newFile();
  const journal = await NoticeJournal.open(file);
  await expect(NoticeJournal.open(file)).rejects.toThrow(/callbacks\.file/);
  await journal.close();
  await (await NoticeJournal.open(file)).close();
  await expect(NoticeJournal.open(join(folder, "nowhere", "a"))).rejects.toThrow(/ENOENT/);
  await expect(NoticeJournal.open(folder)).rejects.toThrow(/callbacks\.file/);
});
