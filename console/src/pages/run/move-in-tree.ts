import type { TreeItem, TreeLine } from "./action-tree.ts";

/** What a key does in a tree, after the ARIA pattern; undefined for keys that are none of its. */
export type TreeMove =
  | { readonly kind: "go"; readonly to: number }
  | { readonly kind: "toggle"; readonly name: string; readonly isOpen: boolean }
  | { readonly kind: "select"; readonly name: string };

export function moveInTree<T extends TreeItem>(
  lines: readonly TreeLine<T>[],
  at: number,
  key: string,
): TreeMove | undefined {
  const line = lines[at];
  if (line === undefined) return undefined;
  const { name } = line.item;
  const go = (to: number): TreeMove => ({
    kind: "go",
    to: Math.min(Math.max(to, 0), lines.length - 1),
  });
  switch (key) {
    case "ArrowDown":
      return go(at + 1);
    case "ArrowUp":
      return go(at - 1);
    case "Home":
      return go(0);
    case "End":
      return go(lines.length - 1);
    case "Enter":
    case " ":
      return { kind: "select", name };
    case "ArrowRight":
      if (line.descendants === 0) return go(at);
      return line.isOpen ? go(at + 1) : { kind: "toggle", name, isOpen: true };
    case "ArrowLeft":
      if (line.descendants > 0 && line.isOpen) return { kind: "toggle", name, isOpen: false };
      return go(lines.findLastIndex(({ level }, index) => index < at && level < line.level));
    default:
      return undefined;
  }
}
