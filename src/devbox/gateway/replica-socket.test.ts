import { expect, test } from "vitest";
import { readKeepAliveMs } from "./replica-socket.ts";

test.each([
  ["timeout=5", 5000],
  ["timeout=0", 0],
  ["max=3, Timeout=72", 72_000],
  ["timeout=5;max=3", 5000],
  ["max=3", undefined],
  ["xtimeout=5", undefined],
  ["timeout=", undefined],
  ["timeout=5s", undefined],
  ["", undefined],
])("an app that sends Keep-Alive: %s keeps an idle connection %s ms", (value, ms) => {
  expect(readKeepAliveMs(value)).toBe(ms);
});
