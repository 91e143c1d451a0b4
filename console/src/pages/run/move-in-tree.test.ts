import { expect, test } from "vitest";
import { layoutTree, type TreeItem } from "./action-tree.ts";
import { moveInTree } from "./move-in-tree.ts";

const item = (name: string, parent: string, startMs: number): TreeItem => ({
  name,
  parent,
  startMs,
});
const items = [item("a", "", 1), item("b", "a", 2), item("c", "b", 3), item("d", "a", 4)];

test("arrows walk the lines, open and close, and go to the parent", () => {
  const lines = layoutTree(items, new Set());
  expect(moveInTree(lines, 0, "ArrowDown")).toEqual({ kind: "go", to: 1 });
  expect(moveInTree(lines, 0, "ArrowUp")).toEqual({ kind: "go", to: 0 });
  expect(moveInTree(lines, 0, "End")).toEqual({ kind: "go", to: 3 });
  expect(moveInTree(lines, 3, "ArrowDown")).toEqual({ kind: "go", to: 3 });
  expect(moveInTree(lines, 3, "Home")).toEqual({ kind: "go", to: 0 });
  expect(moveInTree(lines, 1, "ArrowRight")).toEqual({ kind: "go", to: 2 });
  expect(moveInTree(lines, 1, "ArrowLeft")).toEqual({ kind: "toggle", name: "b", isOpen: false });
  expect(moveInTree(lines, 2, "ArrowLeft")).toEqual({ kind: "go", to: 1 });
  expect(moveInTree(lines, 3, "ArrowLeft")).toEqual({ kind: "go", to: 0 });
  expect(moveInTree(lines, 2, "Enter")).toEqual({ kind: "select", name: "c" });
  expect(moveInTree(lines, 2, "x")).toBeUndefined();
  expect(moveInTree([], 0, "Home")).toBeUndefined();
  const closed = layoutTree(items, new Set(["b"]));
  expect(moveInTree(closed, 1, "ArrowRight")).toEqual({ kind: "toggle", name: "b", isOpen: true });
  expect(moveInTree(closed, 1, "ArrowLeft")).toEqual({ kind: "go", to: 0 });
});
