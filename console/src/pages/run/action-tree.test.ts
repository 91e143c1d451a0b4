import fc from "fast-check";
import { expect, test } from "vitest";
import { layoutTree, type TreeItem } from "./action-tree.ts";

const item = (name: string, parent: string, startMs = 0): TreeItem => ({ name, parent, startMs });
const none: ReadonlySet<string> = new Set();

const drawn = (items: readonly TreeItem[], closed = none) =>
  layoutTree(items, closed).map(({ item: { name }, level }) => `${"-".repeat(level - 1)}${name}`);

test("children stand below their parent, in the order in which they began", () => {
  const items = [item("c", "a", 9), item("d", "b", 3), item("b", "a", 2), item("a", "", 1)];
  expect(drawn(items)).toEqual(["a", "-b", "--d", "-c"]);
  expect(drawn(items, new Set(["b"]))).toEqual(["a", "-b", "-c"]);
  expect(layoutTree(items, new Set(["b"]))[1]).toMatchObject({
    position: 1,
    siblings: 2,
    descendants: 1,
    isOpen: false,
  });
});

test("who has no parent that is known stands at the edge, and so does one of a circle", () => {
  expect(drawn([item("a", ""), item("lost", "gone", 5)])).toEqual(["a", "lost"]);
  expect(drawn([item("a", ""), item("x", "y", 1), item("y", "x", 2), item("z", "y", 3)])).toEqual([
    "a",
    "x",
    "-y",
    "--z",
  ]);
  expect(drawn([item("self", "self")])).toEqual(["self"]);
});

test("a chain of ten thousand is no trouble", () => {
  const chain = Array.from({ length: 10_000 }, (_, n) => item(`n${n}`, n === 0 ? "" : `n${n - 1}`));
  expect(layoutTree(chain, none).at(-1)).toMatchObject({ level: 10_000, descendants: 0 });
});

const names = ["a", "b", "c", "d", "e", "f", "g", ""];
const anyItems = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom(...names.slice(0, -1)),
    parent: fc.constantFrom(...names, "gone"),
    startMs: fc.nat(5),
  }),
  { selector: ({ name }) => name },
);

test("every action stands once, below its parent or at the edge, in whatever order they come", () => {
  fc.assert(
    fc.property(anyItems, fc.array(fc.nat()), (items, keys) => {
      const lines = layoutTree(items, none);
      expect(lines.map(({ item: { name } }) => name).sort()).toEqual(
        items.map(({ name }) => name).sort(),
      );
      const path: string[] = [];
      for (const { item: one, level } of lines) {
        expect(level).toBeLessThanOrEqual(path.length + 1);
        path.length = level - 1;
        if (level > 1) expect(path.at(-1)).toBe(one.parent);
        path.push(one.name);
      }
      const shuffled = items
        .map((one, index) => ({ one, key: keys[index] ?? 0 }))
        .sort((left, right) => left.key - right.key)
        .map(({ one }) => one);
      expect(layoutTree(shuffled, none)).toEqual(lines);
    }),
  );
});

test("what is closed hides all below it and nothing else", () => {
  fc.assert(
    fc.property(anyItems, fc.constantFrom(...names), (items, name) => {
      const all = layoutTree(items, none);
      const at = all.findIndex((line) => line.item.name === name);
      const below = at < 0 ? 0 : (all[at]?.descendants ?? 0);
      const expected = all.filter((_, index) => at < 0 || index <= at || index > at + below);
      expect(drawn(items, new Set([name]))).toEqual(
        expected.map(({ item: one, level }) => `${"-".repeat(level - 1)}${one.name}`),
      );
    }),
  );
});
