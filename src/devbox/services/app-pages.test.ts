import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ListRequestSchema, Sort_Direction } from "../../idl/identifiers.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { AppOrder } from "../store/app-lists.ts";
import { printPlace, readOrder, readPlace } from "./app-pages.ts";

const byName: AppOrder = { column: "name", isDescending: false };
const byTime: AppOrder = { column: "created_at", isDescending: true };
const id = fc.maxSafeNat();

test("a place is read as it was printed, and only in its own order", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), id, fc.maxSafeNat(), (name, rowId, time) => {
      const named = { value: name, id: rowId };
      expect(readPlace(printPlace(named, byName), byName)).toEqual(named);
      expect(() => readPlace(printPlace(named, byName), byTime)).toThrow(FlyteError);
      const timed = { value: time, id: rowId };
      expect(readPlace(printPlace(timed, byTime), byTime)).toEqual(timed);
      expect(() => readPlace(printPlace(timed, byTime), byName)).toThrow(FlyteError);
    }),
  );
});

test("whatever a token is, it is a place or refused", () => {
  const json = fc.json().map((text) => Buffer.from(text).toString("base64url"));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), json), (token) => {
      try {
        const place = readPlace(token, byName);
        expect(place === undefined).toBe(token === "");
      } catch (error) {
        expect(FlyteError.is(error) && error.code).toBe("invalid_input");
      }
    }),
  );
});

test("any sort is an order or refused", () => {
  const sort = fc.record({
    $typeName: fc.constant("flyteidl2.common.Sort" as const),
    key: fc.constantFrom("", "name", "created_at", "updated_at", "constructor"),
    direction: fc.constantFrom(Sort_Direction.DESCENDING, Sort_Direction.ASCENDING),
  });
  fc.assert(
    fc.property(fc.array(sort, { maxLength: 2 }), fc.option(sort), (sortByFields, sortBy) => {
      const request = create(ListRequestSchema, {
        sortByFields,
        ...(sortBy === null ? {} : { sortBy }),
      });
      const [first = sortBy, second] = sortByFields;
      const isKnown = ["", "name", "created_at"].includes(first?.key ?? "");
      if (second !== undefined || !isKnown) {
        expect(() => readOrder(request)).toThrow(FlyteError);
        return;
      }
      expect(readOrder(request)).toEqual({
        column: first?.key || "name",
        isDescending: Boolean(first?.key) && first?.direction !== Sort_Direction.ASCENDING,
      });
    }),
  );
});
