import { FlyteError } from "../shared/errors.ts";
import { fromNative } from "./native-values.ts";
import type {
  DatasetRef,
  DefaultedType,
  FileRef,
  Json,
  ScalarKind,
  StructField,
  TaskFields,
  TaskType,
  TypeShape,
  ValueOf,
  ValuesOf,
} from "./task-type.ts";

/** The types that inputs and outputs of a task can have. */
export interface TaskTypes {
  /** A whole number that JavaScript holds exactly, as `number`. */
  int(): TaskType<number>;
  /** A whole number of 64 bits, as `bigint`. */
  bigint(): TaskType<bigint>;
  /** A number. */
  float(): TaskType<number>;
  string(): TaskType<string>;
  boolean(): TaskType<boolean>;
  /** A point in time. */
  datetime(): TaskType<Date>;
  /** A length of time, in milliseconds. */
  duration(): TaskType<number>;
  /** Nothing but `null`. */
  none(): TaskType<null>;
  /** Any JSON object. */
  json(): TaskType<{ readonly [key: string]: Json }>;
  /** An object with known fields, which other languages see as a dataclass of that name. */
  struct<Fields extends TaskFields>(name: string, fields: Fields): TaskType<ValuesOf<Fields>>;
  list<Value>(item: TaskType<Value>): TaskType<readonly Value[]>;
  /** An object whose values all have one type. */
  map<Value>(value: TaskType<Value>): TaskType<{ readonly [key: string]: Value }>;
  /** One of the given texts. */
  enum<const Text extends string>(...values: readonly Text[]): TaskType<Text>;
  /** A value or `null`; `null` when not given. */
  optional<Value>(item: TaskType<Value>): DefaultedType<Value | null>;
  /** A value of one of the types; the first that fits is taken. */
  union<Types extends readonly TaskType<unknown>[]>(
    ...types: Types
  ): TaskType<ValueOf<Types[number]>>;
  /** A file; `format` is free text such as `csv`. */
  file(format?: string): TaskType<FileRef>;
  /** A folder. */
  dir(format?: string): TaskType<FileRef>;
  /** A table. @default format `parquet` */
  dataset(format?: string): TaskType<DatasetRef>;
}

/**
 * Builds the types of a task's inputs and outputs; the compiler infers the values from them.
 *
 * @example
 * ```ts
 * import { t } from "flyte-webhook/tasks";
 *
 * const inputs = { values: t.list(t.float()), digits: t.int().default(2) };
 * ```
 */
export const t: TaskTypes = {
  int: () => scalar("int"),
  bigint: () => scalar("bigint"),
  float: () => scalar("float"),
  string: () => scalar("string"),
  boolean: () => scalar("boolean"),
  datetime: () => scalar("datetime"),
  duration: () => scalar("duration"),
  none: () => scalar("none"),
  json: () => scalar("json"),
  struct: (name, fields) => type({ kind: "struct", name, fields: toFields(name, fields) }),
  list: (item) => type({ kind: "list", item: item.shape }),
  map: (value) => type({ kind: "map", item: value.shape }),
  enum: (...values) => type({ kind: "enum", values: distinct(values) }),
  optional: (item) => defaulted(type({ kind: "optional", item: item.shape }), null),
  union: (...types) => type({ kind: "union", variants: types.map(({ shape }) => shape) }),
  file: (format = "") => type({ kind: "file", format }),
  dir: (format = "") => type({ kind: "dir", format }),
  dataset: (format = "parquet") => type({ kind: "dataset", format }),
};

function scalar<Value>(kind: ScalarKind): TaskType<Value> {
  return type({ kind });
}

function type<Value>(shape: TypeShape, description = ""): TaskType<Value> {
  const made: TaskType<Value> = {
    shape,
    description,
    describe: (text) => type(shape, text),
    default: (value) => defaulted(made, value),
  };
  return made;
}

function defaulted<Value>(of: TaskType<unknown>, value: Value): DefaultedType<Value> {
  const { shape, description } = of;
  const faults = fromNative(shape, value).faults;
  if (faults.length > 0) {
    const reasons = faults.map(({ message }) => message).join("; ");
    throw new FlyteError("invalid_input", `The default does not fit its type: ${reasons}`, {
      faults,
    });
  }
  return {
    shape,
    description,
    fallback: { value },
    describe: (text) => defaulted(type(shape, text), value),
    default: (other) => defaulted(of, other),
  };
}

function toFields(struct: string, fields: TaskFields): StructField[] {
  return Object.entries(fields).map(([name, { shape, description, fallback }]) => {
    if (holdsReference(shape)) {
      throw new FlyteError(
        "invalid_input",
        `Field ${name} of struct ${struct} is a file, dir or dataset; make it an input or output of its own.`,
      );
    }
    return { name, shape, description, ...(fallback === undefined ? {} : { fallback }) };
  });
}

function holdsReference(shape: TypeShape): boolean {
  switch (shape.kind) {
    case "file":
    case "dir":
    case "dataset":
      return true;
    case "list":
    case "map":
    case "optional":
      return holdsReference(shape.item);
    case "union":
      return shape.variants.some(holdsReference);
    default:
      return false;
  }
}

function distinct(values: readonly string[]): readonly string[] {
  if (values.length > 0 && new Set(values).size === values.length) return values;
  throw new FlyteError("invalid_input", "An enum needs at least one value, each given once.");
}
