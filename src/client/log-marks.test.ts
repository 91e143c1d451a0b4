import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LogMarks } from "./log-marks.ts";

/** Written in this order; of each replica in the order of time, with many lines of one moment. */
const written = fc
  .array(fc.tuple(fc.constantFrom("a", "b"), fc.nat(2)), { maxLength: 60 })
  .map((steps) => {
    const clock: Record<string, number> = {};
    return steps.map(([replica, pauseMs], number) => {
      const at = (clock[replica] ?? 1_000) + pauseMs;
      clock[replica] = at;
      return { replica, timestamp: timestampFromMs(at), number };
    });
  });

test("however often a stream breaks and begins again, each line is told once", () => {
  fc.assert(
    fc.property(written, fc.array(fc.nat(60), { maxLength: 5 }), (lines, breaks) => {
      const marks = new LogMarks();
      const ends = [...breaks.toSorted((one, other) => one - other), lines.length];
      const told = ends.flatMap((end) => lines.slice(0, end).filter(marks.startStream()));
      expect(told).toEqual(lines);
    }),
  );
});

test("a stream that forgot what was written first repeats nothing of the rest", () => {
  fc.assert(
    fc.property(written, fc.nat(60), (lines, forgotten) => {
      const marks = new LogMarks();
      expect(lines.filter(marks.startStream())).toEqual(lines);
      // Whole moments are forgotten: half of one could not be told from another half.
      const from = lines[Math.min(forgotten, lines.length - 1)]?.timestamp;
      const kept = lines.filter(({ timestamp }) => from && timestamp.nanos >= from.nanos);
      expect(kept.filter(marks.startStream())).toEqual([]);
    }),
  );
});

test("lines without a time are told whenever they come", () => {
  const marks = new LogMarks();
  const line = { replica: "a", timestamp: undefined };
  for (let stream = 0; stream < 2; stream += 1) {
    expect([line, line].filter(marks.startStream())).toHaveLength(2);
  }
});

test("lines of one stream may come out of order", () => {
  const lines = [5, 3, 4].map((ms) => ({ replica: "a", timestamp: timestampFromMs(ms) }));
  expect(lines.filter(new LogMarks().startStream())).toEqual(lines);
});
