import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";

const folders: string[] = [];

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "flyte-database-"));
  folders.push(folder);
  return join(folder, "state", "devbox.db");
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function withTable(location: string): Database {
  const database = openDatabase(location);
  database.execute("CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY) STRICT");
  return database;
}

function insert(database: Database, word: string): void {
  database.prepare("INSERT INTO words (word) VALUES (?)").run(word);
}

function words(database: Database): string[] {
  return database
    .prepare<{ word: string }>("SELECT word FROM words ORDER BY rowid")
    .all()
    .map(({ word }) => word);
}

test("writes are durable before they resolve, in order, and a failing one undoes only itself", async () => {
  await using database = withTable(":memory:");
  const order: string[] = [];
  const write = (word: string, fails = false) =>
    database
      .write(() => {
        insert(database, word);
        if (fails) throw new Error(`no ${word}`);
        return word;
      })
      .then(
        (result) => order.push(result),
        (error: Error) => order.push(error.message),
      );
  const writes = [write("a"), write("b", true), write("c"), write("a")];
  expect(words(database)).toEqual([]);
  await Promise.all(writes);
  expect(words(database)).toEqual(["a", "c"]);
  expect(order.slice(0, 3)).toEqual(["a", "no b", "c"]);
  expect(order[3]).toMatch(/UNIQUE/);
});

test("any mix of succeeding and failing writes leaves exactly the succeeding ones", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (successes) => {
      await using database = withTable(":memory:");
      const outcomes = await Promise.allSettled(
        successes.map((succeeds, index) =>
          database.write(() => {
            insert(database, String(index));
            if (!succeeds) throw new Error("refused");
          }),
        ),
      );
      expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual(successes);
      expect(words(database)).toEqual(
        successes.flatMap((succeeds, index) => (succeeds ? [String(index)] : [])),
      );
    }),
    { numRuns: 30 },
  );
});

test("a full disk fails the writes it hits, loses none before, and takes later ones", async () => {
  const location = temporaryFile();
  await using database = withTable(location);
  await database.write(() => insert(database, "before"));
  database.execute("PRAGMA max_page_count = 20");
  const outcomes = await Promise.allSettled([
    database.write(() => insert(database, "small")),
    database.write(() => insert(database, "x".repeat(1_000_000))),
  ]);
  expect(outcomes.at(1)).toMatchObject({ status: "rejected" });
  const kept = outcomes[0]?.status === "fulfilled" ? ["before", "small"] : ["before"];
  expect(words(database)).toEqual(kept);
  await database.write(() => insert(database, "after"));
  expect(words(database)).toEqual([...kept, "after"]);
});

test("an asynchronous action is refused and undone", async () => {
  await using database = withTable(":memory:");
  await expect(database.write(async () => insert(database, "late"))).rejects.toMatchObject({
    code: "internal",
  });
  expect(words(database)).toEqual([]);
});

test("closing commits what is queued, and later writes are refused", async () => {
  const location = temporaryFile();
  const database = withTable(location);
  const queued = database.write(() => insert(database, "queued"));
  await database.close();
  await queued;
  await expect(database.write(() => 1)).rejects.toMatchObject({ code: "unavailable" });
  await database.close();
  await using reopened = withTable(location);
  expect(words(reopened)).toEqual(["queued"]);
});

test("a state folder has one owner, and is free again after it closes", async () => {
  const location = temporaryFile();
  const owner = openDatabase(location);
  expect(() => openDatabase(location)).toThrow(/in use by another devbox/);
  await owner.close();
  await openDatabase(location).close();
});

test("a folder that cannot be made is reported with its remedy", () => {
  expect(() => openDatabase("/dev/null/state/devbox.db")).toThrow(/cannot be opened/);
});

test("writes that were acknowledged survive kill -9, and so does the folder's freedom", async () => {
  const location = temporaryFile();
  const program = `
    import { openDatabase } from ${JSON.stringify(new URL("./database.ts", import.meta.url).href)};
    const database = openDatabase(${JSON.stringify(location)});
    database.execute("CREATE TABLE words (word TEXT PRIMARY KEY) STRICT");
    const insert = database.prepare("INSERT INTO words (word) VALUES (?)");
    for (let round = 0; ; round += 1) {
      const names = Array.from({ length: 10 }, (_, index) => round + "-" + index);
      await Promise.all(names.map((name) => database.write(() => { insert.run(name); })));
      process.stdout.write(names.map((name) => name + "\\n").join(""));
    }
  `;
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", program],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let acknowledged = "";
  for await (const chunk of child.stdout) {
    acknowledged += String(chunk);
    if (acknowledged.length > 2000) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  const names = acknowledged.slice(0, acknowledged.lastIndexOf("\n")).split("\n");
  await using database = openDatabase(location);
  const found = new Set(words(database));
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => !found.has(name))).toEqual([]);
});
