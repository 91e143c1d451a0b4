import { getEventListeners, once } from "node:events";
import { expect, test } from "vitest";
import { startDeadline } from "./signals.ts";

test("it aborts with the reason of the first signal that aborts", () => {
  const [first, second] = [new AbortController(), new AbortController()];
  using deadline = startDeadline({ signals: [first.signal, undefined, second.signal] });
  expect(deadline.signal.aborted).toBe(false);
  second.abort("enough");
  first.abort("late");
  expect(deadline.signal.reason).toBe("enough");
});

test("it is aborted from the start when a signal is", () => {
  using deadline = startDeadline({ signals: [AbortSignal.abort("gone")], timeoutMs: 1 });
  expect(deadline.signal.reason).toBe("gone");
});

test("it aborts with deadline_exceeded when the time is up", async () => {
  using deadline = startDeadline({ timeoutMs: 1 });
  await once(deadline.signal, "abort");
  expect(deadline.signal.reason).toMatchObject({ code: "deadline_exceeded" });
});

test("disposed or aborted, it leaves no listener on its parents", () => {
  const parent = new AbortController();
  const other = new AbortController();
  const listeners = () => getEventListeners(parent.signal, "abort").length;
  const deadline = startDeadline({ signals: [parent.signal], timeoutMs: 60_000 });
  expect(listeners()).toBe(1);
  deadline[Symbol.dispose]();
  expect(listeners()).toBe(0);
  startDeadline({ signals: [parent.signal, other.signal] });
  other.abort();
  expect(listeners()).toBe(0);
  expect(deadline.signal.aborted).toBe(false);
});
