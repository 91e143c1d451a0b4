import fc from "fast-check";
import { expect, test } from "vitest";
import "../../../test/support/property-seed.ts";
import type { RunHistory } from "../../client/run-history.ts";
import type { Phase } from "../../values/phases.ts";
import type { LiveEvent } from "./live-event.ts";
import { runEvents } from "./run-events.ts";

const run = {
  ...{ project: "p", domain: "d", name: "r", url: "https://x/r", task: undefined },
  ...{ owner: undefined, attempts: 1, startedAt: undefined, endedAt: undefined },
  ...{ error: undefined, abortReason: undefined },
};

/** What is known of a run whose whole story has `length` parts; at its last part it is done. */
function historyAt(ids: readonly string[], length: number): RunHistory {
  const isDone = length > ids.length;
  const transitions = ids.slice(0, length).map((id) => {
    const [attempt, phase] = id.split(".");
    return {
      id,
      attempt: Number(attempt),
      phase: phase as Phase, // as the story has it
      time: undefined,
      error: undefined,
    };
  });
  return { run: { ...run, phase: isDone ? "succeeded" : "running", done: isDone }, transitions };
}

async function* told(histories: readonly RunHistory[]) {
  yield* histories;
}

async function read(histories: readonly RunHistory[], after?: string) {
  const events: LiveEvent[] = [];
  for await (const event of runEvents(told(histories), after)) events.push(event);
  return events;
}

const idsOf = (events: readonly LiveEvent[]) => events.map(({ id, event }) => id ?? event);

const phases = ["queued", "initializing", "running"] as const;

/** The story of a run: some attempts, each but the last failing. */
const stories = fc
  .array(fc.subarray([...phases], { minLength: 1 }), { minLength: 1, maxLength: 4 })
  .map((attempts) =>
    attempts.flatMap((entered, index) =>
      [...entered, index === attempts.length - 1 ? "succeeded" : "failed"].map(
        (phase) => `${index + 1}.${phase}`,
      ),
    ),
  );

/** What one reader is told: the story, growing by any steps, as a watch tells it. */
function tellings(ids: readonly string[]) {
  return fc
    .array(fc.integer({ min: 1, max: ids.length + 1 }), { maxLength: 8 })
    .map((lengths) => [...lengths.sort((a, b) => a - b), ids.length + 1]);
}

test("wherever a reader is cut off, what it got before and after is everything, once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      stories.chain((ids) =>
        fc.tuple(fc.constant(ids), tellings(ids), tellings(ids), fc.nat({ max: ids.length })),
      ),
      async ([ids, first, second, cut]) => {
        const everything = [...ids, "end"];
        const before = (await read(first.map((length) => historyAt(ids, length)))).slice(0, cut);
        expect(idsOf(before)).toEqual(everything.slice(0, cut));
        const last = before.at(-1)?.id;
        // Who comes back is told at least what it was told before.
        const after = await read(
          second.map((length) => historyAt(ids, Math.max(length, cut))),
          last,
        );
        expect(idsOf([...before, ...after])).toEqual(everything);
      },
    ),
  );
});

test("any other place is the start, and says so", async () => {
  const ids = ["1.queued", "1.running", "1.succeeded"];
  await fc.assert(
    fc.asyncProperty(fc.string(), async (after) => {
      fc.pre(!ids.includes(after));
      const events = await read([historyAt(ids, 4)], after);
      expect(idsOf(events)).toEqual(["restart", ...ids, "end"]);
    }),
  );
});

test("a state from before, as a control plane that remembers tells it, brings nothing again", async () => {
  const ids = ["1.queued", "1.running", "1.succeeded"];
  const events = await read([2, 1, 2, 1, 4].map((length) => historyAt(ids, length)));
  expect(idsOf(events)).toEqual([...ids, "end"]);
});

test("a phase told late, behind one that was sent, is left out for all", async () => {
  const late = ["1.queued", "1.initializing", "1.running", "1.succeeded"];
  const early = historyAt(["1.queued", "1.running"], 2);
  const whole = ["1.queued", "1.running", "1.succeeded", "end"];
  expect(idsOf(await read([early, historyAt(late, 5)]))).toEqual(whole);
  expect(idsOf(await read([historyAt(late, 5)], "1.running"))).toEqual(whole.slice(2));
});

test("an end whose attempts are not told any more is told all the same", async () => {
  const guessed = historyAt(["1.queued", "1.running"], 2);
  const ended = historyAt(["1.queued", "1.succeeded"], 3);
  expect(idsOf(await read([guessed, ended]))).toEqual([
    ...["1.queued", "1.running", "1.succeeded", "end"],
  ]);
});

test("only the end is done", async () => {
  const events = await read([historyAt(["1.queued", "1.succeeded"], 3)]);
  expect(events.map(({ data }) => data["done"])).toEqual([false, false, true]);
  expect(events[1]?.data).toEqual({
    ...{ name: "r", phase: "succeeded", attempt: 1, time: null, done: false, url: "https://x/r" },
  });
});
