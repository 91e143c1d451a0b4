import { expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { migrate, migrations } from "./migrations.ts";

test("migrations are numbered from one without gaps", () => {
  expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, index) => index + 1));
});

test("a second start applies nothing again", async () => {
  await using database = openDatabase(":memory:");
  migrate(database);
  migrate(database);
  const rows = database.prepare("SELECT id FROM schema_migrations").all();
  expect(rows).toHaveLength(migrations.length);
});

test("an older state is brought forward", async () => {
  await using database = openDatabase(":memory:");
  const first = { id: 1, name: "first", sql: "CREATE TABLE one (x INTEGER) STRICT" };
  const second = { id: 2, name: "second", sql: "ALTER TABLE one ADD COLUMN y INTEGER" };
  migrate(database, [first]);
  migrate(database, [first, second]);
  expect(database.prepare("SELECT x, y FROM one").all()).toEqual([]);
});

test("a failing migration leaves the state as it was", async () => {
  await using database = openDatabase(":memory:");
  const bad = { id: 1, name: "bad", sql: "CREATE TABLE one (x INTEGER); SELECT * FROM nowhere" };
  expect(() => migrate(database, [bad])).toThrow(/nowhere/);
  expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'one'").all()).toEqual([]);
});

test("a state of a newer version is refused", async () => {
  await using database = openDatabase(":memory:");
  migrate(database, [
    { id: 1, name: "first", sql: "SELECT 1" },
    { id: 2, name: "next", sql: "SELECT 1" },
  ]);
  expect(() => migrate(database, [{ id: 1, name: "first", sql: "SELECT 1" }])).toThrow(
    /schema 2 but this version knows only 1/,
  );
});
