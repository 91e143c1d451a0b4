import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { LiteralMapSchema } from "../../idl/literals.ts";
import { toDeterministicBytes } from "./deterministic-bytes.ts";

test("map entries are in the order of their keys' bytes, also below messages", () => {
  const literals = create(LiteralMapSchema, {
    literals: {
      "9": { hash: "nine", metadata: { "100": "x", "20": "y", b: "z", "": "empty" } },
      "10": { hash: "ten" },
      é: { hash: "accent" },
      a: { value: { case: "map", value: { literals: { "2": {}, "11": {} } } } },
    },
  });
  const bytes = toDeterministicBytes(LiteralMapSchema, literals);
  const places = ["10", "9", "a", "11", "2", "é"].map((key) => {
    const text = Buffer.from(key);
    return Buffer.from(bytes).indexOf(Buffer.from([0x0a, text.length, ...text, 0x12]));
  });
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((left, right) => left - right));
  expect(fromBinary(LiteralMapSchema, bytes)).toEqual(
    fromBinary(LiteralMapSchema, toBinary(LiteralMapSchema, literals)),
  );
});
