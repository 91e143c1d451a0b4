/** What places an action in the tree of its run. */
export interface TreeItem {
  readonly name: string;
  /** Name of its parent; "" for the root. */
  readonly parent: string;
  /** Siblings stand in this order, then by name. */
  readonly startMs: number;
}

/** A line of the tree as it is shown. */
export interface TreeLine<T extends TreeItem> {
  readonly item: T;
  /** 1 for what stands at the edge. */
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  /** All below it, itself left out. */
  readonly descendants: number;
  readonly isOpen: boolean;
}

interface Node<T extends TreeItem> {
  readonly item: T;
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
}

/**
 * The lines of a tree of actions, which come in any order: each action once, below its parent. One whose
 * parent is not known stands at the edge, as does the first of those that are parents of each other.
 *
 * @param closed - names of those whose children are not shown
 */
export function layoutTree<T extends TreeItem>(
  items: readonly T[],
  closed: ReadonlySet<string>,
): readonly TreeLine<T>[] {
  const byName = new Map(items.map((item) => [item.name, item]));
  const ordered = [...byName.values()].sort(compare);
  const children = new Map<string, T[]>();
  const edge: T[] = [];
  for (const item of ordered) {
    if (item.parent === item.name || !byName.has(item.parent)) edge.push(item);
    else append(children, item.parent, item);
  }
  const order = walk(edge, children);
  const reached = new Set(order.map(({ item }) => item.name));
  if (reached.size < ordered.length) {
    // Those in a circle, and below one, cannot be reached from the edge.
    for (const item of ordered) {
      if (reached.has(item.name)) continue;
      detach(children, item);
      edge.push(item);
      for (const found of walk([item], children)) reached.add(found.item.name);
    }
    return show(walk(edge.sort(compare), children), closed);
  }
  return show(order, closed);
}

/** All nodes, parents before their children; without recursion, as a chain may be long. */
function walk<T extends TreeItem>(
  edge: readonly T[],
  children: ReadonlyMap<string, readonly T[]>,
): readonly Node<T>[] {
  const found: Node<T>[] = [];
  const seen = new Set<string>();
  const open: Node<T>[] = [];
  const push = (items: readonly T[], level: number): void => {
    for (let at = items.length - 1; at >= 0; at -= 1) {
      const item = items[at];
      if (item !== undefined) open.push({ item, level, position: at + 1, siblings: items.length });
    }
  };
  push(edge, 1);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node.item.name)) continue;
    seen.add(node.item.name);
    found.push(node);
    push(children.get(node.item.name) ?? [], node.level + 1);
  }
  return found;
}

function show<T extends TreeItem>(
  order: readonly Node<T>[],
  closed: ReadonlySet<string>,
): readonly TreeLine<T>[] {
  const lines: TreeLine<T>[] = [];
  const ends = subtreeEnds(order);
  for (let at = 0; at < order.length; ) {
    const node = order[at];
    const end = ends[at] ?? at + 1;
    if (node === undefined) break;
    const isOpen = !closed.has(node.item.name);
    lines.push({ ...node, descendants: end - at - 1, isOpen });
    at = isOpen ? at + 1 : end;
  }
  return lines;
}

/** For each node the index after the last of those below it. */
function subtreeEnds<T extends TreeItem>(order: readonly Node<T>[]): readonly number[] {
  const ends = new Array<number>(order.length).fill(order.length);
  const above: number[] = [];
  for (const [at, { level }] of order.entries()) {
    for (;;) {
      const last = above.at(-1);
      if (last === undefined || (order[last]?.level ?? 0) < level) break;
      ends[last] = at;
      above.pop();
    }
    above.push(at);
  }
  return ends;
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

function detach<T extends TreeItem>(children: Map<string, T[]>, item: T): void {
  const rest = (children.get(item.parent) ?? []).filter((other) => other !== item);
  children.set(item.parent, rest);
}

function compare(left: TreeItem, right: TreeItem): number {
  return left.startMs - right.startMs || (left.name < right.name ? -1 : 1);
}
