import fc from "fast-check";
import { expect, test } from "vitest";
import { phases } from "../../../../src/values/phases.ts";
import {
  countFilters,
  fixTimes,
  noFilters,
  type RunFilters,
  readFilters,
  spans,
  writeFilters,
} from "./run-filters.ts";

function toQuery(names: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const given = Object.entries(names).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams(given.map(([name, value]) => [name, value ?? ""]));
}

const text = fc
  .string({ unit: "binary", maxLength: 20 })
  .map((value) => value.replaceAll("\0", "").trim());
const time = fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined });
const filters: fc.Arbitrary<RunFilters> = fc
  .record({
    phases: fc.subarray([...phases]),
    task: text,
    owner: text,
    since: fc.option(fc.constantFrom("1h", "24h", "7d"), { nil: undefined }),
    from: time,
    to: time,
  })
  .map(({ since, from, to, ...rest }) =>
    since === undefined ? { ...rest, from, to } : { ...rest, since },
  );

test("an address says the filters it was made of", () => {
  fc.assert(
    fc.property(filters, (given) => {
      expect(readFilters(toQuery(writeFilters(given)))).toEqual(given);
    }),
  );
});

test("any address can be read", () => {
  fc.assert(
    fc.property(fc.webQueryParameters(), fc.string(), (query, value) => {
      readFilters(new URLSearchParams(query));
      const names = ["phase", "task", "owner", "since", "from", "to"];
      const read = readFilters(new URLSearchParams(names.map((name) => [name, value])));
      expect(read.phases.every((phase) => phases.includes(phase))).toBe(true);
    }),
  );
  expect(countFilters(readFilters(new URLSearchParams("phase=nonsense&since=9y&from=x")))).toBe(0);
  expect(countFilters(noFilters)).toBe(0);
});

test("a span is counted from when the list is read", () => {
  const now = 1_000_000_000_000;
  expect(fixTimes({ ...noFilters, since: "1h" }, now).from).toBe(now - spans["1h"].ms);
});
