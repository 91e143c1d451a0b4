import { create } from "@bufbuild/protobuf";
import { type Inputs, type NamedParameter, NamedParameterSchema } from "../idl/tasks.ts";

/** Inputs as the defaults of a task: they stand for those that are not given. */
export function toDefaults(inputs: Inputs | undefined): readonly NamedParameter[] {
  return (inputs?.literals ?? []).flatMap(({ name, value }) => {
    if (value === undefined) return [];
    const behavior = { case: "default" as const, value };
    return [create(NamedParameterSchema, { name, parameter: { behavior } })];
  });
}
