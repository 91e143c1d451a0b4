import fc from "fast-check";
import { expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { rememberRows } from "./remembered-rows.ts";

interface Word {
  readonly word: string;
}

function openWords() {
  const database = openDatabase(":memory:");
  database.execute("CREATE TABLE words (key TEXT PRIMARY KEY, word TEXT NOT NULL) STRICT");
  const rows = rememberRows<Word>();
  let reads = 0;
  const read = (key: string) =>
    database.prepare<Word>("SELECT word FROM words WHERE key = ?").get(key);
  return {
    database,
    read,
    get: (key: string) =>
      rows.get(database, key, () => {
        reads += 1;
        return read(key);
      }),
    put: (key: string, word: string) => {
      rows.forget(database, key);
      database.prepare("INSERT OR REPLACE INTO words VALUES (?, ?)").run(key, word);
    },
    reads: () => reads,
  };
}

test("a row is read once until it changes, an absent one each time", async () => {
  const { database, get, put, reads } = openWords();
  await using _: Database = database;
  expect([get("a"), get("a"), reads()]).toEqual([undefined, undefined, 2]);
  await database.write(() => put("a", "one"));
  expect([get("a")?.word, get("a")?.word, reads()]).toEqual(["one", "one", 3]);
  await database.write(() => put("a", "two"));
  expect([get("a")?.word, reads()]).toEqual(["two", 4]);
});

test("what a transaction saw before it was undone is not remembered", async () => {
  const { database, get, put } = openWords();
  await using _: Database = database;
  await database.write(() => put("a", "kept"));
  expect(get("a")?.word).toBe("kept");
  const undone = database.write(() => {
    put("a", "undone");
    expect(get("a")?.word).toBe("undone");
    throw new Error("no");
  });
  await expect(undone).rejects.toThrow("no");
  expect(get("a")?.word).toBe("kept");
});

test("at any time it answers what the table holds", async () => {
  const key = fc.constantFrom("a", "b");
  const step = fc.record({ key, word: fc.option(fc.string()), fails: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step), { maxLength: 5 }), async (batches) => {
      const { database, get, put, read } = openWords();
      await using _: Database = database;
      for (const batch of batches) {
        // The writes of one batch share a commit.
        const writes = batch.map(({ key, word, fails }) =>
          database.write(() => {
            if (word !== null) put(key, word);
            expect(get(key)?.word).toBe(read(key)?.word);
            if (fails) throw new Error("no");
          }),
        );
        await Promise.allSettled(writes);
        for (const { key } of batch) expect(get(key)?.word).toBe(read(key)?.word);
      }
    }),
    { numRuns: 50 },
  );
});
