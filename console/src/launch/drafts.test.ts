import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Literal, LiteralSchema, type LiteralType } from "../../../src/idl/literals.ts";
import { NamedParameterSchema } from "../../../src/idl/tasks.ts";
import { parseJson } from "../../../src/shared/json.ts";
import { FaultLog } from "../../../src/values/fault-log.ts";
import { toLiteral } from "../../../src/values/literals.ts";
import { sample, typeOf } from "../../../test/support/value-samples.ts";
import { toJson } from "./draft-to-json.ts";
import { fillInputs, firstEntries, toFields } from "./input-fields.ts";
import { toFormDraft, toJsonDraft } from "./json-switch.ts";
import { draftOrJson } from "./json-to-draft.ts";
import { literalToDraft } from "./literal-to-draft.ts";
import { shapeOf } from "./shape.ts";

function bytesOf(literal: Literal): string {
  return Buffer.from(toBinary(LiteralSchema, literal)).toString("hex");
}

/** A task with one input of a type. */
function taskOf(type: LiteralType, fallback?: Literal) {
  const parameter = (value: Literal) => ({
    name: "x",
    parameter: { behavior: { case: "default" as const, value } },
  });
  return {
    interface: {
      $typeName: "flyteidl2.core.TypedInterface" as const,
      inputs: {
        $typeName: "flyteidl2.core.VariableMap" as const,
        variables: [
          {
            $typeName: "flyteidl2.core.VariableEntry" as const,
            key: "x",
            value: { $typeName: "flyteidl2.core.Variable" as const, type, description: "" },
          },
        ],
      },
    },
    defaultInputs: fallback ? [create(NamedParameterSchema, parameter(fallback))] : [],
  };
}

test("what the form makes of a value of any type gives the same literal back", () => {
  fc.assert(
    fc.property(sample, ({ type: json, value }) => {
      const type = typeOf(json);
      const literal = toLiteral(value, type);
      const task = taskOf(type, literal);
      const fields = toFields(task);
      const entries = firstEntries(fields);
      // Untouched it is the default itself, entered the same.
      expect(fillInputs(task, fields, entries)).toMatchObject({ given: {}, faults: [] });
      const entered = new Map([...entries].map(([n, entry]) => [n, { ...entry, isGiven: true }]));
      const { inputs, faults } = fillInputs(task, fields, entered);
      expect(faults).toEqual([]);
      const [result] = inputs?.literals ?? [];
      expect(result?.value && bytesOf(result.value)).toBe(bytesOf(literal));
    }),
    { numRuns: 500 },
  );
});

test("nothing is lost on the way to JSON and back", () => {
  fc.assert(
    fc.property(sample, ({ type: json, value }) => {
      const type = typeOf(json);
      const shape = shapeOf(type);
      const draft = literalToDraft(toLiteral(value, type), type, shape);
      const asJson = toJsonDraft(draft, shape);
      // Unchanged the controls stand as they stood before, changed they are those of the JSON.
      expect(toFormDraft(asJson, shape)).toEqual({ draft });
      const written = asJson.text === "" ? null : parseJson(asJson.text);
      expect(toLiteral(written, type)).toEqual(toLiteral(value, type));
      const back = toFormDraft({ kind: "json", text: ` ${asJson.text}` }, shape);
      const again = "draft" in back ? toJson(back.draft, shape, new FaultLog()) : written;
      expect(bytesOf(toLiteral(again, type))).toBe(bytesOf(toLiteral(value, type)));
    }),
    { numRuns: 500 },
  );
});

test("a union keeps its variant where its value fits another as well", () => {
  const simple = (name: string, tag: string) => ({ simple: name, structure: { tag } });
  const unions = [
    [simple("STRING", "str"), simple("INTEGER", "int"), simple("FLOAT", "float")],
    [simple("DATETIME", "datetime"), simple("STRING", "str"), simple("DURATION", "duration")],
    [{ blob: {}, structure: { tag: "File" } }, simple("STRING", "str"), simple("NONE", "none")],
  ];
  for (const variants of unions) {
    const shape = shapeOf(typeOf({ unionType: { variants } }));
    if (shape.kind !== "union") throw new Error("a union is expected");
    for (const [at, variant] of shape.variants.entries()) {
      for (const value of ["2024-01-02", "5", 5, 0.5, "PT1S", null]) {
        if (
          variant.type === undefined ||
          !fits(() => toLiteral(value, variant.type as LiteralType))
        )
          continue;
        const draft = {
          kind: "union" as const,
          at,
          drafts: new Map([[at, draftOrJson(value, variant.shape)]]),
        };
        const literal = toLiteral(toJson(draft, shape, new FaultLog()), shape.type as LiteralType);
        const back = literalToDraft(literal, shape.type, shape);
        expect(back).toMatchObject({ at });
      }
    }
  }
});

function fits(convert: () => unknown): boolean {
  try {
    convert();
    return true;
  } catch {
    return false;
  }
}
