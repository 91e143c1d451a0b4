import { expect, test } from "vitest";
import { createSingleFlight } from "./single-flight.ts";

interface Started {
  readonly signal: AbortSignal;
  readonly resolve: (value: string) => void;
  readonly reject: (reason: unknown) => void;
}

/** A flight whose runs are ended by the test. */
function held() {
  const started: Started[] = [];
  const flight = createSingleFlight(
    (signal) => new Promise<string>((resolve, reject) => started.push({ signal, resolve, reject })),
  );
  return { flight, started };
}

test("all who come while it runs share one result; the next one starts anew", async () => {
  const { flight, started } = held();
  const waiting = [flight.join(undefined), flight.join(undefined)];
  started[0]?.resolve("first");
  expect(await Promise.all(waiting)).toEqual(["first", "first"]);
  const next = flight.join(undefined);
  started[1]?.resolve("second");
  expect(await next).toBe("second");
  expect(started).toHaveLength(2);
});

test("a failure is told to all and not remembered", async () => {
  const { flight, started } = held();
  const waiting = [flight.join(undefined), flight.join(undefined)];
  started[0]?.reject("broken");
  expect(await Promise.allSettled(waiting)).toEqual([
    { status: "rejected", reason: "broken" },
    { status: "rejected", reason: "broken" },
  ]);
  const next = flight.join(undefined);
  started[1]?.resolve("mended");
  expect(await next).toBe("mended");
});

test("the work is aborted when the last waiter has left, not before; who comes then starts anew", async () => {
  const { flight, started } = held();
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [flight.join(first.signal), flight.join(second.signal)];
  const ends = Promise.allSettled(waiting);
  first.abort("one");
  await expect(waiting[0]).rejects.toBe("one");
  expect(started[0]?.signal.aborted).toBe(false);
  second.abort("two");
  await ends;
  expect(started[0]?.signal.aborted).toBe(true);
  const next = flight.join(undefined);
  started[0]?.reject("late and unheard");
  started[1]?.resolve("new");
  expect(await next).toBe("new");
});

test("one that is aborted already starts nothing", async () => {
  const { flight, started } = held();
  await expect(flight.join(AbortSignal.abort("before"))).rejects.toBe("before");
  expect(started).toEqual([]);
});
