import { create } from "@bufbuild/protobuf";
import type { Literal, LiteralType } from "../../../src/idl/literals.ts";
import { type Inputs, InputsSchema, type NamedParameter } from "../../../src/idl/tasks.ts";
import { type Fault, FlyteError } from "../../../src/shared/errors.ts";
import type { JsonObject, JsonValue } from "../../../src/shared/json.ts";
import { toDefaults } from "../../../src/values/default-inputs.ts";
import { FaultLog } from "../../../src/values/fault-log.ts";
import { type TaskInterface, toInputs } from "../../../src/values/task-inputs.ts";
import { printType } from "../../../src/values/type-names.ts";
import { type Draft, type Entry, emptyDraft } from "./draft.ts";
import { toJson } from "./draft-to-json.ts";
import { literalToDraft } from "./literal-to-draft.ts";
import { type Shape, shapeOf } from "./shape.ts";

/** An input of a task, as the form shows it. */
export interface InputField {
  readonly name: string;
  readonly description: string;
  readonly type: LiteralType | undefined;
  /** Its type in Flyte's words. */
  readonly typeName: string;
  readonly shape: Shape;
  /** What is sent as it is unless something else is entered. */
  readonly kept?: KeptValue;
}

export interface KeptValue {
  readonly from: "task" | "run";
  readonly literal: Literal;
  /** Undefined for what no JSON can show. */
  readonly draft: Draft | undefined;
}

/** What stands in the form, by the name of the input. */
export type Entries = ReadonlyMap<string, Entry>;

/**
 * The fields of a task's inputs, in its order.
 *
 * @param ofRun - inputs of an earlier run, which go before the task's defaults
 */
export function toFields(task: TaskInterface, ofRun?: Inputs): readonly InputField[] {
  const kept = new Map<string, KeptValue>();
  const variables = task.interface?.inputs?.variables ?? [];
  const types = new Map(variables.map(({ key, value }) => [key, value?.type]));
  const keep = (from: KeptValue["from"], parameters: readonly NamedParameter[]): void => {
    for (const { name, parameter } of parameters) {
      if (parameter?.behavior.case !== "default") continue;
      const { value: literal } = parameter.behavior;
      kept.set(name, { from, literal, draft: tryDraft(literal, types.get(name)) });
    }
  };
  keep("task", task.defaultInputs);
  keep("run", toDefaults(ofRun));
  return variables.map(({ key: name, value }): InputField => {
    const value_ = kept.get(name);
    return {
      name,
      description: value?.description ?? "",
      type: value?.type,
      typeName: printType(value?.type),
      shape: shapeOf(value?.type),
      ...(value_ !== undefined && { kept: value_ }),
    };
  });
}

function tryDraft(literal: Literal, type: LiteralType | undefined): Draft | undefined {
  try {
    return literalToDraft(literal, type, shapeOf(type));
  } catch (error) {
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}

/** The form before anything is entered. */
export function firstEntries(fields: readonly InputField[]): Entries {
  return new Map(fields.map((field) => [field.name, firstEntry(field)]));
}

/** An input before anything is entered: what is kept, or what can only be one thing. */
export function firstEntry({ kept, shape }: Pick<InputField, "kept" | "shape">): Entry {
  if (kept !== undefined) return { isGiven: false, draft: kept.draft ?? emptyDraft(shape) };
  const takesNone =
    shape.kind === "union" && shape.variants.some((variant) => variant.shape.kind === "none");
  const isGiven = shape.kind === "none" || shape.kind === "struct" || takesNone;
  return { isGiven, draft: emptyDraft(shape) };
}

/** What became of what was entered. */
export interface Filled {
  /** The inputs that were given, as the webhook takes them. */
  readonly given: JsonObject;
  /** All inputs of the run; undefined with faults. */
  readonly inputs: Inputs | undefined;
  readonly faults: readonly Fault[];
}

/** Converts what was entered as the webhook does, and names every fault. */
export function fillInputs(
  task: TaskInterface,
  fields: readonly InputField[],
  entries: Entries,
  context: Inputs["context"] = [],
): Filled {
  const log = new FaultLog();
  const given = givenOf(fields, entries, log);
  const kept = fields.flatMap(({ name, kept: value }) =>
    value?.from === "run" ? [{ name, value: value.literal }] : [],
  );
  const ofRun = toDefaults(create(InputsSchema, { literals: kept }));
  const defaultInputs = [...task.defaultInputs, ...ofRun]; // The last ones win.
  try {
    const { literals } = toInputs({ ...task, defaultInputs }, given);
    const inputs = create(InputsSchema, { literals, context });
    return { given, inputs: log.faults.length === 0 ? inputs : undefined, faults: log.faults };
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    return { given, inputs: undefined, faults: merge(fields, log.faults, error.faults) };
  }
}

function givenOf(fields: readonly InputField[], entries: Entries, log: FaultLog): JsonObject {
  const given = fields.flatMap(({ name, shape }): (readonly [string, JsonValue])[] => {
    const entry = entries.get(name);
    if (entry === undefined || !entry.isGiven) return [];
    return [[name, log.at(name, () => toJson(entry.draft, shape, log))]];
  });
  return Object.fromEntries(given);
}

/** In the order of the fields; what cannot even be read has no further faults. */
function merge(
  fields: readonly InputField[],
  unread: readonly Fault[],
  converted: readonly Fault[],
): readonly Fault[] {
  const places = new Map(fields.map(({ name }, index) => [name, index]));
  const known = new Set(unread.map(({ path }) => JSON.stringify(path)));
  const others = converted.filter(({ path }) => !known.has(JSON.stringify(path)));
  const placeOf = ({ path: [name] }: Fault): number => places.get(String(name)) ?? -1;
  return [...unread, ...others].sort((one, other) => placeOf(one) - placeOf(other));
}
