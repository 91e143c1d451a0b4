import fc from "fast-check";
import { expect, test } from "vitest";
import { Shares } from "./shares.ts";

test("nobody has more than half, what is given back can be taken again, and nothing is kept", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.boolean()));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), steps, (all, done) => {
      const shares = new Shares(all);
      const held = new Map<string, number>();
      for (const [who, takes] of done) {
        const has = held.get(who) ?? 0;
        if (takes) {
          const taken = shares.take(who);
          expect(taken).toBe(has < Math.ceil(all / 2));
          if (taken) held.set(who, has + 1);
        } else if (has > 0) {
          shares.giveBack(who);
          held.set(who, has - 1);
        }
      }
    }),
  );
});
