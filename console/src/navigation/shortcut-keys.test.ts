import fc from "fast-check";
import { expect, test } from "vitest";
import { type Pressed, pairMs, places, pressKey } from "./shortcut-keys.ts";

function press(keys: readonly string[], pauseMs = 100) {
  let pressed: Pressed;
  let at = 0;
  const actions = [];
  for (const key of keys) {
    const next = pressKey(key, at, pressed);
    pressed = next.pressed;
    at += pauseMs;
    if (next.action !== undefined) actions.push(next.action);
  }
  return actions;
}

test("g and a letter go to a page, in time", () => {
  for (const [key, to] of Object.entries(places)) {
    expect(press(["g", key])).toEqual([{ kind: "go", to }]);
    expect(press(["g", "x", key]).filter(({ kind }) => kind === "go")).toEqual([]);
    expect(press(["g", key], pairMs + 1).filter(({ kind }) => kind === "go")).toEqual([]);
  }
  expect(press(["?", "/"])).toEqual([{ kind: "help" }, { kind: "search" }]);
  expect(press(["g", "constructor"])).toEqual([]);
});

test("without g no letter goes anywhere", () => {
  const keys = fc.array(fc.string({ minLength: 1 }).filter((key) => key !== "g"));
  fc.assert(
    fc.property(keys, (pressed) => {
      expect(press(pressed).filter(({ kind }) => kind === "go")).toEqual([]);
    }),
  );
});
