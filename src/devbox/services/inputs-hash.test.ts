import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputsSchema } from "../../idl/tasks.ts";
import { fnv64a, hashInputs } from "./inputs-hash.ts";

test.each([
  ["", 0xcbf29ce484222325n],
  ["a", 0xaf63dc4c8601ec8cn],
  ["foobar", 0x85944171f73967e8n],
])("FNV-64a of %j is the published value", (text, expected) => {
  expect(fnv64a(new TextEncoder().encode(text))).toBe(expected);
});

test("FNV-64a equals the definition for any bytes", () => {
  const define = (bytes: Uint8Array): bigint => {
    let hash = 0xcbf29ce484222325n;
    for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    return hash;
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(fnv64a(bytes)).toBe(define(bytes));
    }),
  );
});

function inputsWithMap(keys: readonly string[]) {
  const entry = (key: string) => [
    key,
    {
      value: {
        case: "scalar" as const,
        value: {
          value: {
            case: "primitive" as const,
            value: { value: { case: "stringValue" as const, value: key } },
          },
        },
      },
    },
  ];
  return create(InputsSchema, {
    literals: [
      {
        name: "m",
        value: { value: { case: "map", value: { literals: Object.fromEntries(keys.map(entry)) } } },
      },
      { name: "ignored", value: { metadata: Object.fromEntries(keys.map((key) => [key, key])) } },
    ],
  });
}

test("the order of a map's keys does not change the hash, the keys do", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 8 }), (keys) => {
      const hash = hashInputs(inputsWithMap(keys));
      expect(hash).toMatch(/^[\w-]{11}$/);
      expect(hashInputs(inputsWithMap(keys.toReversed()))).toBe(hash);
      expect(hashInputs(inputsWithMap([...keys, "another key"]))).not.toBe(hash);
    }),
  );
});

test("inputs that the cache ignores do not change the hash", () => {
  const inputs = inputsWithMap(["a"]);
  const without = create(InputsSchema, { literals: inputs.literals.slice(0, 1) });
  expect(hashInputs(inputs, new Set(["ignored"]))).toBe(hashInputs(without));
  expect(hashInputs(inputs)).not.toBe(hashInputs(without));
});
