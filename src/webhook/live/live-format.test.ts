import fc from "fast-check";
import { expect, test } from "vitest";
import "../../../test/support/property-seed.ts";
import { EventStreamParser } from "../../../test/support/server-sent-events.ts";
import type { LiveEvent } from "./live-event.ts";
import { liveFormats, writeServerSentEvent } from "./live-format.ts";

const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("\n", "\r", ":", " ", "\0", "\u2028", "\u0085", "data", "é") }),
);
const events: fc.Arbitrary<LiveEvent> = fc.record(
  {
    id: fc.stringMatching(/^[1-9]\d{0,3}\.[a-z_]{1,12}$/),
    event: fc.constantFrom("phase", "line", "end", "error", "restart"),
    data: fc.record({ message: texts, attempt: fc.nat() }),
  },
  { requiredKeys: ["event", "data"] },
);

/** Bytes in pieces that end anywhere, in the middle of a character too. */
function inPieces(text: string, sizes: readonly number[]): readonly Uint8Array[] {
  let rest = Buffer.from(text, "utf8");
  const pieces = sizes.map((size) => {
    const piece = rest.subarray(0, size);
    rest = rest.subarray(size);
    return piece;
  });
  return [...pieces, rest];
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 });

test("whatever a log says, a reader of server-sent events gets it as it was", () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 6 }), sizes, (told, cuts) => {
      const parser = new EventStreamParser();
      const text = liveFormats.sse.begin() + told.map(writeServerSentEvent).join("");
      const read = inPieces(text, cuts).flatMap((piece) => parser.push(piece));
      let id = "";
      const expected = told.map((one) => {
        id = one.id ?? id;
        return { event: one.event, data: one.data, lastEventId: id };
      });
      expect(read.map((one) => ({ ...one, data: JSON.parse(one.data) }))).toEqual(
        expected.map((one) => JSON.parse(JSON.stringify(one))),
      );
      expect(parser.retry).toBeGreaterThanOrEqual(2_000);
      expect(parser.retry).toBeLessThan(3_000);
    }),
  );
});

test("heartbeats are events for nobody", () => {
  const parser = new EventStreamParser();
  expect(parser.push(Buffer.from(liveFormats.sse.heartbeat))).toEqual([]);
  expect(parser.comments).toBe(1);
});

test("each event is one line of JSON, whatever a log says", () => {
  fc.assert(
    fc.property(fc.array(events), (told) => {
      const text = told.map(liveFormats.ndjson.event).join("") + liveFormats.ndjson.heartbeat;
      const lines = text.split("\n").slice(0, -1);
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        ...told.map(({ data, ...rest }) => JSON.parse(JSON.stringify({ ...rest, ...data }))),
        { event: "heartbeat" },
      ]);
    }),
  );
});

test("as text a log is its lines and nothing else", () => {
  const line = (message: string): LiveEvent => ({ event: "line", id: "1.1", data: { message } });
  expect(liveFormats.text.event(line("one"))).toBe("one\n");
  expect(liveFormats.text.event(line("one\r\n"))).toBe("one\n");
  expect(liveFormats.text.event(line(""))).toBe("\n");
  expect(liveFormats.text.event({ event: "end", data: {} })).toBe("");
});
