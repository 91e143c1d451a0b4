import { setMaxListeners } from "node:events";
import { expect, test } from "vitest";
import { Changes } from "./changes.ts";

const change = (id: number, run = "r") => ({ id, project: "p", domain: "d", run });
const forever = new AbortController().signal;
setMaxListeners(0, forever);

test("a watcher gets what changed since its last turn, each action once, and nothing of others", async () => {
  const changes = new Changes();
  const watch = changes.watch(({ run }) => run === "r", forever);
  for (const id of [2, 1, 2]) changes.announce(change(id));
  changes.announce(change(9, "other"));
  expect((await watch.next()).value).toEqual([2, 1]);
  const later = watch.next();
  changes.announce(change(1));
  expect((await later).value).toEqual([1]);
  await watch.return();
  expect(changes.watchCount).toBe(0);
});

test("a watch ends by its signal or its return, also while it waits or before its first turn", async () => {
  const changes = new Changes();
  const stop = new AbortController();
  const aborted = changes.watch(() => true, stop.signal);
  const returned = changes.watch(() => true, forever);
  const unused = changes.watch(() => true, forever);
  const turns = [aborted.next(), returned.next()];
  stop.abort();
  await returned.return();
  await unused.return();
  expect((await Promise.all(turns)).map(({ done }) => done)).toEqual([true, true]);
  expect(changes.watchCount).toBe(0);
  const late = changes.watch(() => true, stop.signal);
  expect((await late.next()).done).toBe(true);
  expect(changes.watchCount).toBe(0);
});
