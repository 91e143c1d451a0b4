import { expect, test } from "vitest";
import { createTurns } from "./turns.ts";

test("actions of one key follow each other, also after one that failed; others do not wait", async () => {
  const inTurn = createTurns();
  const log: string[] = [];
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = inTurn("a", async () => {
    log.push("first begins");
    await held;
    log.push("first fails");
    throw new Error("first");
  });
  const second = inTurn("a", async () => log.push("second"));
  await inTurn("b", async () => log.push("other key"));
  expect(log).toEqual(["first begins", "other key"]);
  release();
  await expect(first).rejects.toThrow("first");
  await second;
  expect(log.slice(2)).toEqual(["first fails", "second"]);
});
