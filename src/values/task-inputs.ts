import { create } from "@bufbuild/protobuf";
import type { Literal, LiteralType, TypedInterface, VariableEntry } from "../idl/literals.ts";
import { type Inputs, InputsSchema, type NamedParameter, type Outputs } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import { type JsonObject, type JsonValue, ownValue } from "../shared/json.ts";
import { nearestName } from "../shared/nearest-name.ts";
import { FaultLog } from "./fault-log.ts";
import { fromLiteral } from "./literals.ts";
import { convertToLiteral } from "./to-literal.ts";

/** What decides which inputs a task takes: parts of `flyteidl2.task.TaskSpec`. */
export interface TaskInterface {
  readonly interface?: TypedInterface | undefined;
  readonly defaultInputs: readonly NamedParameter[];
}

/**
 * Converts the inputs given for a task to `task.Inputs`: every input of the interface, in its order;
 * those not given take their stored default as it is.
 *
 * @throws {@link FlyteError} `invalid_input` naming all unknown, missing and ill-typed inputs at once.
 */
export function toInputs(task: TaskInterface, given: JsonObject): Inputs {
  const log = new FaultLog();
  const variables = task.interface?.inputs?.variables ?? [];
  const names = new Set(variables.map(({ key }) => key));
  for (const name of Object.keys(given)) {
    if (!names.has(name)) log.add(unknownInput(name, names), name);
  }
  const defaults = defaultLiterals(task.defaultInputs);
  const literals = variables.flatMap((variable) => {
    const value = toInput(variable, ownValue(given, variable.key), defaults, log);
    return value === undefined ? [] : [{ name: variable.key, value }];
  });
  log.throwIfAny();
  return create(InputsSchema, { literals });
}

/**
 * Converts `task.Inputs` to an object of JSON values by input name.
 *
 * @throws {@link FlyteError} when a value has no JSON form, naming the input.
 */
export function fromInputs(inputs: Inputs, iface: TypedInterface | undefined): JsonObject {
  const types = variableTypes(iface?.inputs?.variables);
  return Object.fromEntries(
    inputs.literals.map(({ name, value }) => [name, read(name, value, types.get(name))]),
  );
}

/**
 * Converts `task.Outputs` to an object of JSON values named `o0`, `o1`, … in the order of the interface,
 * whatever its names. Outputs the interface does not name keep the order in which they were written.
 * Without outputs it is `{o0: null}`, the result of a function that returns nothing.
 *
 * @throws {@link FlyteError} when a value has no JSON form, naming the output.
 */
export function fromOutputs(outputs: Outputs, iface: TypedInterface | undefined): JsonObject {
  if (outputs.literals.length === 0) return { o0: null };
  const values = placeOutputs(outputs, iface).map(({ value }) => value);
  return Object.fromEntries(values.map((value, index) => [`o${index}`, value]));
}

/**
 * Converts `task.Outputs` to an object of JSON values by the names of the interface, in its order. Outputs that were
 * written under other names take the name at their place there; beyond its end they keep their own.
 *
 * @throws {@link FlyteError} when a value has no JSON form, naming the output.
 */
export function fromNamedOutputs(outputs: Outputs, iface: TypedInterface | undefined): JsonObject {
  return Object.fromEntries(placeOutputs(outputs, iface).map(({ name, value }) => [name, value]));
}

/** An output by the name and type that the interface has for it. */
export interface NamedOutput {
  readonly name: string;
  /** The name it was written under. */
  readonly written: string;
  readonly literal: Literal | undefined;
  readonly variable: VariableEntry["value"];
}

/** The outputs in the order of the interface, or as they were written where it does not name them all. */
export function nameOutputs(
  outputs: Outputs,
  iface: TypedInterface | undefined,
): readonly NamedOutput[] {
  const literals = new Map(outputs.literals.map(({ name, value }) => [name, value]));
  const byName = new Map((iface?.outputs?.variables ?? []).map(({ key, value }) => [key, value]));
  const places = [...byName];
  const allDeclared = [...literals.keys()].every((name) => byName.has(name));
  return [...(allDeclared ? byName : literals).keys()].map((written, index) => {
    const declared = places[index];
    return {
      name: declared?.[0] ?? written,
      written,
      literal: literals.get(written),
      variable: byName.get(written) ?? declared?.[1],
    };
  });
}

function placeOutputs(
  outputs: Outputs,
  iface: TypedInterface | undefined,
): readonly { readonly name: string; readonly value: JsonValue }[] {
  return nameOutputs(outputs, iface).map(({ name, written, literal, variable }) => ({
    name,
    value: read(written, literal, variable?.type),
  }));
}

function toInput(
  { key, value: variable }: VariableEntry,
  given: JsonValue | undefined,
  defaults: ReadonlyMap<string, Literal>,
  log: FaultLog,
): Literal | undefined {
  if (given === undefined) {
    return defaults.get(key) ?? log.add("required, the task has no default for this input", key);
  }
  const type = variable?.type;
  if (type === undefined) return log.add("the task declares no type for this input", key);
  return log.at(key, () => convertToLiteral(given, type, log));
}

function defaultLiterals(parameters: readonly NamedParameter[]): ReadonlyMap<string, Literal> {
  const literals = new Map<string, Literal>();
  for (const { name, parameter } of parameters) {
    if (parameter?.behavior.case === "default") literals.set(name, parameter.behavior.value);
  }
  return literals;
}

function unknownInput(name: string, names: ReadonlySet<string>): string {
  const near = nearestName(name, names);
  if (near !== undefined) return `unknown input, did you mean ${JSON.stringify(near)}?`;
  const known = [...names].slice(0, 50).join(", ");
  return known === "" ? "unknown input, the task takes none" : `unknown input, known are ${known}`;
}

function variableTypes(
  variables: readonly VariableEntry[] | undefined,
): ReadonlyMap<string, LiteralType | undefined> {
  return new Map((variables ?? []).map(({ key, value }) => [key, value?.type]));
}

function read(
  name: string,
  literal: Literal | undefined,
  type: LiteralType | undefined,
): JsonValue {
  if (literal === undefined) return null;
  try {
    return fromLiteral(literal, type);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    throw new FlyteError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}
