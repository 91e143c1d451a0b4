import { create } from "@bufbuild/protobuf";
import type { Literal } from "../idl/literals.ts";
import { type TypedInterface, TypedInterfaceSchema } from "../idl/literals.ts";
import { type NamedParameter, NamedParameterSchema } from "../idl/tasks.ts";
import { toLiteral } from "../values/literals.ts";
import { toLiteralType } from "./literal-types.ts";
import { fromNative } from "./native-values.ts";
import type { TaskFields, TaskType } from "./task-type.ts";

/** Inputs and outputs of a task as Flyte knows them (`core.TypedInterface`). */
export function toTypedInterface(task: {
  readonly inputs: TaskFields;
  readonly outputs: TaskFields;
}): TypedInterface {
  return create(TypedInterfaceSchema, {
    inputs: { variables: toVariables(task.inputs) },
    outputs: { variables: toVariables(task.outputs) },
  });
}

/** The inputs of a task that need not be given (`task.NamedParameter`). */
export function toDefaultInputs(inputs: TaskFields): NamedParameter[] {
  return Object.entries(inputs).flatMap(([name, type]) => {
    const value = toDefault(type);
    if (value === undefined) return [];
    const parameter = { var: toVariable(type), behavior: { case: "default" as const, value } };
    return [create(NamedParameterSchema, { name, parameter })];
  });
}

function toVariables(fields: TaskFields) {
  return Object.entries(fields).map(([key, type]) => ({ key, value: toVariable(type) }));
}

function toVariable({ shape, description }: TaskType<unknown>) {
  return { type: toLiteralType(shape), description };
}

function toDefault({ shape, fallback }: TaskType<unknown>): Literal | undefined {
  if (fallback === undefined) return undefined;
  return toLiteral(fromNative(shape, fallback.value).value, toLiteralType(shape));
}
