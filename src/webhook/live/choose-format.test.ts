import fc from "fast-check";
import { expect, test } from "vitest";
import "../../../test/support/property-seed.ts";
import { chooseFormat } from "./choose-format.ts";
import { liveFormats } from "./live-format.ts";

const { sse, ndjson, text } = liveFormats;

function chosen(accept: string | undefined, name?: string, offered = [text, sse, ndjson]): string {
  const found = chooseFormat(offered, { name, accept });
  return "format" in found ? found.format.name : found.problem.code;
}

test.each([
  [undefined, "text"],
  ["", "text"],
  ["*/*", "text"],
  ["text/event-stream", "sse"],
  ["TEXT/Event-Stream", "sse"],
  ["application/x-ndjson", "ndjson"],
  ["application/*", "ndjson"],
  ["text/*", "text"],
  ["text/event-stream, */*", "text"],
  ["text/event-stream, */*;q=0.5", "sse"],
  ["*/*;q=0.1, application/x-ndjson ; q=0.2", "ndjson"],
  ["text/plain;q=0, text/event-stream;q=0, */*", "ndjson"],
  ["text/plain;charset=utf-8;q=0.5, text/*;q=0.9", "sse"],
  ["application/json", "not_acceptable"],
  ["text/plain;q=0", "not_acceptable"],
  ["image/*, application/json;q=1.0", "not_acceptable"],
  ["not a type", "text"],
  [",,;q=1,/,", "text"],
])("for accept %j there is %s", (accept, expected) => {
  expect(chosen(accept)).toBe(expected);
});

test("a format that is named goes before the header", () => {
  expect(chosen("application/json", "ndjson")).toBe("ndjson");
  expect(chosen("text/event-stream", "text")).toBe("text");
  expect(chosen("*/*", "json")).toBe("invalid_request");
  expect(chosen("*/*", "text", [sse, ndjson])).toBe("invalid_request");
  expect(chosen("*/*", "constructor")).toBe("invalid_request");
});

test("no header makes it fail, and only one that is offered is chosen", () => {
  const part = fc.constantFrom(
    ..."*/* text/event-stream application/x-ndjson ;q= 0 1 0.5 , ; / * text".split(" "),
    " ",
    '"',
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: part }), fc.string()), (accept) => {
      expect(["sse", "ndjson", "not_acceptable"]).toContain(
        chosen(accept, undefined, [sse, ndjson]),
      );
    }),
  );
});

test("what fits nothing is told what there is", () => {
  const found = chooseFormat([sse, ndjson], { name: undefined, accept: "application/json" });
  expect("problem" in found && found.problem.detail).toContain(
    "text/event-stream, application/x-ndjson",
  );
});
