import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { TaskTriggerSpecSchema, TriggerSpecSchema } from "../idl/triggers.ts";
import { readOffloadedInputs, writeOffloadedInputs } from "./trigger-inputs.ts";

const place = { uri: "s3://bucket/inputs", inputsHash: "h" };

/** Field 7 or 5, with a message of the fields 1 and 2. */
const inner = [0x0a, 18, ...Buffer.from(place.uri), 0x12, 1, ...Buffer.from("h")];

test.each([
  ["a trigger", TriggerSpecSchema, 0x3a],
  ["a trigger of a task", TaskTriggerSpecSchema, 0x2a],
] as const)("where the inputs of %s lie is read and written as on the wire", (_, schema, tag) => {
  const bytes = Uint8Array.from([tag, inner.length, ...inner]);
  expect(readOffloadedInputs(fromBinary(schema, bytes))).toMatchObject(place);
  const spec = create(schema, { inputs: { literals: [{ name: "x" }] } });
  expect(readOffloadedInputs(spec)).toBeUndefined();
  expect(toBinary(schema, writeOffloadedInputs(spec, place))).toEqual(bytes);
  expect(toBinary(schema, writeOffloadedInputs(spec, place))).toEqual(bytes);
});
