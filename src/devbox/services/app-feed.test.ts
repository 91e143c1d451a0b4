import fc from "fast-check";
import { expect, test } from "vitest";
import type { AppChange, AppRuntime } from "../apps/app-runtime.ts";
import type { AppRow } from "../store/apps.ts";
import { AppFeed } from "./app-feed.ts";

interface Source extends Pick<AppRuntime, "onChange"> {
  readonly listeners: Set<(change: AppChange) => void>;
  tell(row: AppRow): void;
}

function createSource(): Source {
  const listeners = new Set<(change: AppChange) => void>();
  return {
    listeners,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (row) => {
      for (const listener of listeners) listener({ kind: "updated", row, state: undefined });
    },
  };
}

function rowOf(id: number, revision: number): AppRow {
  return {
    ...{ id, revision, project: "p", domain: "d", name: `app-${id}` },
    ...{ app: new Uint8Array(), reason: "", created_by: "", changed_by: "" },
    ...{ created_at: 0, updated_at: 0 },
  };
}

test("each look gives the apps that changed since the last, once, as they were told last", async () => {
  const step = fc.oneof(
    fc.record({ id: fc.integer({ min: 1, max: 4 }), revision: fc.nat() }),
    fc.constant("look" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step), async (steps) => {
      const source = createSource();
      using feed = new AppFeed(source, ({ id }) => id !== 4, new AbortController().signal);
      let expected = new Map<number, number>();
      for (const each of [...steps, "look" as const]) {
        if (each !== "look") {
          source.tell(rowOf(each.id, each.revision));
          if (each.id !== 4) expected.set(each.id, each.revision);
        } else if (expected.size > 0) {
          const rows = await feed.next();
          expect(new Map(rows.map(({ id, revision }) => [id, revision]))).toEqual(expected);
          expect(rows).toHaveLength(expected.size);
          expected = new Map();
        }
      }
    }),
  );
});

test("a look waits for a change", async () => {
  const source = createSource();
  using feed = new AppFeed(source, () => true, new AbortController().signal);
  const look = feed.next();
  source.tell(rowOf(1, 1));
  expect(await look).toEqual([rowOf(1, 1)]);
});

test("the signal ends a look, also a later one; disposed, a feed is told nothing more", async () => {
  const source = createSource();
  const leaving = new AbortController();
  const feed = new AppFeed(source, () => true, leaving.signal);
  const look = feed.next();
  leaving.abort(new Error("left"));
  await expect(look).rejects.toThrow("left");
  await expect(feed.next()).rejects.toThrow("left");
  expect(source.listeners.size).toBe(1);
  feed[Symbol.dispose]();
  expect(source.listeners.size).toBe(0);
});
