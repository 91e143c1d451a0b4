import fc from "fast-check";
import { expect, test } from "vitest";
import "../../../test/support/property-seed.ts";
import { FlyteError } from "../../shared/errors.ts";
import { ControlPlaneCheck } from "./control-plane-check.ts";

/** What a control plane does, and what is found then. */
const found = {
  refuses: "reachable",
  serves: "anonymous",
  breaks: "failing",
  unavailable: "unreachable",
  deadline_exceeded: "timeout",
} as const;

type Conduct = keyof typeof found;

function answerOf(conduct: Conduct): "refused" | "served" | "failed" {
  if (conduct === "refuses") return "refused";
  if (conduct === "serves") return "served";
  if (conduct === "breaks") return "failed";
  throw new FlyteError(conduct, "planted");
}

const step = fc.record({
  conduct: fc.constantFrom(...(Object.keys(found) as Conduct[])),
  passMs: fc.integer({ min: 0, max: 5_000 }),
  askers: fc.integer({ min: 1, max: 5 }),
});

test("what is found is at most three seconds old, a failure one, and nobody is asked twice for it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      let now = 0;
      let conduct: Conduct = "refuses";
      let under = 0;
      let looks = 0;
      const check = new ControlPlaneCheck({
        allowAnonymous: false,
        now: () => now,
        ask: async () => {
          under += 1;
          looks += 1;
          expect(under).toBe(1);
          await Promise.resolve();
          under -= 1;
          return answerOf(conduct);
        },
      });
      let kept: { readonly state: string; readonly until: number } | undefined;
      for (const { conduct: next, passMs, askers } of steps) {
        now += passMs;
        conduct = next;
        const isOld = kept === undefined || now >= kept.until;
        const before = looks;
        const states = await Promise.all(Array.from({ length: askers }, () => check.state()));
        if (isOld || kept === undefined) {
          const state = found[next];
          kept = { state, until: now + (state === "reachable" ? 3_000 : 1_000) };
        }
        expect(states).toEqual(Array.from({ length: askers }, () => kept?.state));
        // A lost connection is tried anew once.
        expect(looks - before).toBe(isOld ? (next === "unavailable" ? 2 : 1) : 0);
      }
    }),
  );
});
