import type { Fault } from "../shared/errors.ts";
import type { JsonSchema } from "./json-schema.ts";
import { identifierFault } from "./path-parameters.ts";

/** One parameter of the query. */
export interface QueryParameter {
  readonly name: string;
  readonly description: string;
  /** `identifier` follows the same rules as a path parameter. */
  readonly kind: "identifier" | "text" | "boolean" | "integer";
  readonly required?: true;
  readonly default?: string | number | boolean;
}

export type QueryValues = Readonly<Record<string, string | number | boolean | undefined>>;

const maxTextLength = 4096;

export const version: QueryParameter = {
  name: "version",
  description: "The task's version. Without it, the one deployed last.",
  kind: "identifier",
};

/** Where a run or an app is looked for, when not at the webhook's own place. */
export const scope: readonly QueryParameter[] = [
  {
    name: "project",
    description: "The project. Without it, the webhook's own.",
    kind: "identifier",
  },
  { name: "domain", description: "The domain. Without it, the webhook's own.", kind: "identifier" },
];

export const abortReason: QueryParameter = textParameter(
  "reason",
  "Kept with the run.",
  "Aborted via webhook API",
);

export function textParameter(
  name: string,
  description: string,
  byDefault?: string,
): QueryParameter {
  return {
    name,
    description,
    kind: "text",
    ...(byDefault !== undefined && { default: byDefault }),
  };
}

export function requiredText(name: string, description: string): QueryParameter {
  return { name, description, kind: "text", required: true };
}

export function switchParameter(name: string, description: string): QueryParameter {
  return { name, description, kind: "boolean", default: false };
}

export function integerParameter(
  name: string,
  description: string,
  byDefault: number,
): QueryParameter {
  return { name, description, kind: "integer", default: byDefault };
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["1", "true", "t", "yes", "y", "on"].map((word) => [word, true] as const),
  ...["0", "false", "f", "no", "n", "off"].map((word) => [word, false] as const),
]);

/** The value of a parameter, or the rule it breaks. */
function convert(
  parameter: QueryParameter,
  given: string,
): { value: QueryValues[string] } | string {
  switch (parameter.kind) {
    case "boolean": {
      const value = booleans.get(given.toLowerCase());
      return value === undefined ? "must be a boolean: true or false" : { value };
    }
    case "integer": {
      const value = /^[+-]?\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
      return Number.isSafeInteger(value) ? { value } : "must be an integer";
    }
    case "identifier":
      return identifierFault(given) ?? { value: given };
    case "text":
      if (given.length > maxTextLength)
        return `must not be longer than ${maxTextLength} characters`;
      if (given.includes("\0")) return "must not hold a NUL character";
      return { value: given };
  }
}

/**
 * Reads the query with all its faults. Parameters the endpoint does not have are ignored; one that
 * is sent twice is a fault.
 */
export function readQuery(
  parameters: readonly QueryParameter[],
  query: Readonly<Record<string, unknown>>,
): { readonly values: QueryValues; readonly faults: readonly Fault[] } {
  const values: Record<string, string | number | boolean | undefined> = {};
  const faults: Fault[] = [];
  for (const parameter of parameters) {
    const path = ["query", parameter.name];
    const given = query[parameter.name];
    if (given === undefined) {
      if (parameter.required) faults.push({ path, message: "is required" });
      else values[parameter.name] = parameter.default;
    } else if (typeof given !== "string") {
      faults.push({ path, message: "must be given once only" });
    } else {
      const converted = convert(parameter, given);
      if (typeof converted === "string") faults.push({ path, message: converted });
      else values[parameter.name] = converted.value;
    }
  }
  return { values, faults };
}

const identifierRules: JsonSchema = { type: "string", minLength: 1, maxLength: 255 };

/** The parameter's values as a JSON Schema. */
export function parameterSchema(parameter: QueryParameter): JsonSchema {
  const schema: JsonSchema =
    parameter.kind === "identifier"
      ? identifierRules
      : parameter.kind === "text"
        ? { type: "string", maxLength: maxTextLength }
        : { type: parameter.kind };
  return parameter.default === undefined ? schema : { ...schema, default: parameter.default };
}
