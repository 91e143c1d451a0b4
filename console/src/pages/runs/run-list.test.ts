import { expect, test } from "vitest";
import { RunList } from "./run-list.ts";
import type { RunRow } from "./run-row.ts";

function run(name: string, startedMs: number, phase = 4): RunRow {
  return {
    ...{ name, startedMs, phase, task: undefined, owner: undefined, source: "Console" },
    ...{ trigger: undefined, endedMs: undefined },
  };
}

function listOf(...runs: readonly RunRow[]): RunList {
  const list = new RunList(({ phase }) => phase !== 6);
  list.addPage(list.startReading(), runs, true);
  return list;
}

const names = (list: RunList): string[] => list.runs.map(({ name }) => name);

test("what is new at the top is held back while it is to be, and what belongs further down is not", () => {
  const list = listOf(run("d", 40), run("b", 20));
  list.change([run("e", 50), run("f", 60), run("c", 30)], true);
  expect(names(list)).toEqual(["f", "e", "d", "c", "b"]);
  expect(list.held).toBe(2);
  list.change([run("e", 50, 6)], true);
  expect(list.held).toBe(1);
  list.release();
  list.change([run("g", 70)], false);
  expect(list.held).toBe(0);
});

test("the first run of all is shown at once", () => {
  const list = listOf();
  list.change([run("a", 10)], true);
  expect(list.held).toBe(0);
});

test("a run that matches no more leaves, and comes back where it was", () => {
  const list = listOf(run("c", 30), run("b", 20), run("a", 10));
  list.change([run("b", 20, 6)], false);
  expect(names(list)).toEqual(["c", "a"]);
  list.change([run("b", 20, 4)], false);
  expect(names(list)).toEqual(["c", "b", "a"]);
});

test("what is older than the pages that were read comes with its own page", () => {
  const list = new RunList(() => true);
  list.addPage(list.startReading(), [run("c", 30), run("b", 20)], false);
  list.change([run("a", 10, 5)], false);
  expect(names(list)).toEqual(["c", "b"]);
  list.addPage(list.startReading(), [run("a", 10, 5)], true);
  expect(names(list)).toEqual(["c", "b", "a"]);
});

test("a change that was told while something was read counts more than what was read", () => {
  const list = listOf(run("a", 10));
  const reading = list.startReading();
  list.change([run("a", 10, 5)], false);
  list.addChanges(reading, [run("a", 10, 4), run("b", 20)], false);
  expect(list.runs.map(({ name, phase }) => [name, phase])).toEqual([
    ["b", 4],
    ["a", 5],
  ]);
});
