import fc from "fast-check";
import { expect, test } from "vitest";
import { toLabelValue } from "./delivery-labels.ts";

test.each([
  ["72d3162e-cc78-11e3-81ab-4c9367dc0958", "72d3162e-cc78-11e3-81ab-4c9367dc0958"],
  ["evt_1NG8Du2eZvKYlo2CUI79vXWy", "evt_1NG8Du2eZvKYlo2CUI79vXWy"],
])("the id %s is a label as it is", (id, label) => {
  expect(toLabelValue(id)).toBe(label);
});

test("an id that cannot be a label is one with a part of its hash", () => {
  expect(toLabelValue("https://ci.example.com/jobs#7")).toMatch(
    /^https-ci.example.com-jobs-7-[0-9a-f]{8}$/,
  );
});

test("every text gets a label, and two texts get two", () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: "grapheme", maxLength: 200 }));
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(toLabelValue(one)).toMatch(/^[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/);
      fc.pre(one !== other);
      expect(toLabelValue(one)).not.toBe(toLabelValue(other));
    }),
  );
});
