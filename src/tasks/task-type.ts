/** The structure of a task's value, as plain data that survives being bundled with user code. */
export type TypeShape =
  | { readonly kind: ScalarKind }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "list" | "map" | "optional"; readonly item: TypeShape }
  | { readonly kind: "union"; readonly variants: readonly TypeShape[] }
  | { readonly kind: "struct"; readonly name: string; readonly fields: readonly StructField[] }
  | { readonly kind: "file" | "dir" | "dataset"; readonly format: string };

export type ScalarKind =
  | "int"
  | "bigint"
  | "float"
  | "string"
  | "boolean"
  | "datetime"
  | "duration"
  | "none"
  | "json";

export interface StructField {
  readonly name: string;
  readonly shape: TypeShape;
  readonly description: string;
  /** Absent when the field has to be given. */
  readonly fallback?: { readonly value: unknown };
}

/** The type of one input, output or field. `Value` is what the task's function sees. */
export interface TaskType<Value> {
  readonly shape: TypeShape;
  /** @default "" */
  readonly description: string;
  /** What stands in for a value that is not given. */
  readonly fallback?: { readonly value: unknown };
  /** The same type with a text for readers. */
  describe(text: string): TaskType<Value>;
  /** The same type with a value that stands in when none is given. */
  default(value: Value): DefaultedType<Value>;
  /** Only the compiler knows it. */
  readonly valueType?: Value;
}

/** A type whose value may be left out by the caller. */
export interface DefaultedType<Value> extends TaskType<Value> {
  readonly fallback: { readonly value: unknown };
  describe(text: string): DefaultedType<Value>;
}

/** Types by name, in order. */
export interface TaskFields {
  // Every TaskType<Value> has to fit here, whatever its Value.
  // biome-ignore lint/suspicious/noExplicitAny: methods take Value, so unknown would not admit them
  readonly [name: string]: TaskType<any>;
}

/** What a task's function sees for a type. */
export type ValueOf<Type> = Type extends TaskType<infer Value> ? Value : never;

/** What a task's function sees for its inputs, or has to return for its outputs. */
export type ValuesOf<Fields extends TaskFields> = {
  readonly [Name in keyof Fields]: ValueOf<Fields[Name]>;
};

/** What a caller has to give: inputs with a default may be left out. */
export type GivenOf<Fields extends TaskFields> = {
  readonly [Name in keyof Fields as Fields[Name] extends DefaultedType<unknown>
    ? never
    : Name]: ValueOf<Fields[Name]>;
} & {
  readonly [Name in keyof Fields as Fields[Name] extends DefaultedType<unknown>
    ? Name
    : never]?: ValueOf<Fields[Name]>;
};

/** A file of a task: where it is and what is in it. */
export interface FileRef {
  /** `file://`, `https://`, `s3://`, … */
  readonly uri: string;
  /** @default the format of the declared type */
  readonly format?: string;
  readonly hash?: string;
}

/** A table of a task: where it is and how it is stored. */
export interface DatasetRef {
  readonly uri: string;
  /** @default the format of the declared type */
  readonly format?: string;
}

/** Any JSON value; integers beyond 2^53 are `bigint`. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
