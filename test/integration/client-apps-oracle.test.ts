import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AppEvent,
  created,
  deleted,
  off,
  on,
  startAppControlPlane,
  stubApp,
  updated,
} from "../support/app-control-plane.ts";

interface State {
  readonly phase: number | undefined;
  readonly desired: number;
  readonly message: string;
}

interface Told {
  readonly kind: (app: ReturnType<typeof stubApp>) => AppEvent;
  readonly project: string;
  readonly state: State;
}

const states: fc.Arbitrary<State> = fc.record({
  phase: fc.oneof(fc.constantFrom(undefined, 1, 4, 6, 9, 10), fc.integer({ min: 0, max: 12 })),
  desired: fc.constantFrom(0, 1, 2, 3),
  message: fc.constantFrom("", "a"),
});

/** A state before a change, and what is told after it: often the old state, as caches have it. */
const cases = states.chain((before) => {
  const events: fc.Arbitrary<readonly Told[]> = fc.array(
    fc.record({
      kind: fc.constantFrom(created, ...Array<typeof updated>(8).fill(updated), deleted),
      project: fc.constantFrom("p", "p", "p", "q"),
      state: fc.oneof(states, fc.constant({ ...before, desired: 0 })),
    }),
    { maxLength: 12 },
  );
  return fc.record({ given: fc.constant(before), isOn: fc.boolean(), after: events });
});

/** What a wait comes to that is told one event after the other, and at last that the app is gone. */
function expectedEnd(before: State, isOn: boolean, given: readonly Told[]): string {
  let hasMoved = false;
  for (const { kind, project, state } of given) {
    if (project !== "p") continue;
    if (kind === deleted) break;
    if (isThere(state, isOn)) return "reached";
    if (isBad(state, before, isOn, hasMoved)) return "app_failed";
    hasMoved ||= isStep(state, isOn) && !isSame(state, before);
  }
  return "not_found";
}

function isThere({ phase, desired }: State, isOn: boolean): boolean {
  if (isOn) return (phase === 5 || phase === 7) && desired !== 1;
  return (phase === 1 || phase === 4) && desired !== 2 && desired !== 3;
}

function isBad(state: State, before: State, isOn: boolean, hasMoved: boolean): boolean {
  if (state.phase === 6) {
    if (hasMoved || before.phase !== 6) return true;
    return isOn && !isSame(state, before);
  }
  return isOn && hasMoved && (state.phase === 1 || state.phase === 4);
}

function isStep({ phase = 0 }: State, isOn: boolean): boolean {
  return (isOn ? [2, 3, 5, 7, 8, 10] : [2, 3, 5, 7, 8, 9, 10]).includes(phase);
}

function isSame(one: State, other: State): boolean {
  if (one.phase === undefined || other.phase === undefined) return one.phase === other.phase;
  return one.phase === other.phase && one.message === other.message;
}

test("any sequence of events comes to the end that a plain reading of it gives", async () => {
  const plane = await startAppControlPlane();
  plane.answer = () => undefined;
  const ends = new Set<string>();
  await fc.assert(
    fc.asyncProperty(cases, async ({ given, isOn, after }) => {
      // Asks for the opposite, so that there is something to change.
      const before = { ...given, desired: isOn ? off : on };
      plane.app = stubApp(before);
      const steps = after.map(({ kind, project, state }) => kind(stubApp({ ...state, project })));
      plane.subscriptions = [[...steps, deleted(stubApp()), "silence"]];
      const { activate, deactivate } = plane.flyte.apps;
      const end = await (isOn ? activate : deactivate)({ name: "site" }, { wait: true }).then(
        () => "reached",
        ({ code }) => code,
      );
      ends.add(end);
      expect(end).toBe(expectedEnd(before, isOn, after));
    }),
    { numRuns: 500 },
  );
  expect([...ends].sort()).toEqual(["app_failed", "not_found", "reached"]);
});
