import type { Fault } from "../../shared/errors.ts";
import type { JsonValue } from "../../shared/json.ts";
import { readBoolean } from "../convert-parameter.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Parameter } from "../parameters.ts";
import { identifierFault } from "../path-parameters.ts";
import type { ParameterValues } from "../read-parameters.ts";
import type { Query } from "../read-request.ts";
import { type ValidationError, validationError } from "./validation-error.ts";

export interface QueryReading {
  readonly values: ParameterValues;
  /** What the original finds wrong. */
  readonly errors: readonly ValidationError[];
  /** Identifiers no control plane should be asked for; the original does not look. */
  readonly faults: readonly Fault[];
}

/** An integer as pydantic reads it from a text when it is lax. */
function readInteger(given: string): number | bigint | undefined {
  const [, digits] = /^([+-]?\d+(?:_\d+)*)(?:\.0+)?$/.exec(given.trim()) ?? [];
  if (digits === undefined) return undefined;
  const exact = BigInt(digits.replaceAll(/[_+]/g, ""));
  const value = Number(exact);
  return Number.isSafeInteger(value) ? value : exact;
}

function readText(parameter: Parameter, given: string): JsonValue | undefined {
  if (parameter.kind === "boolean") return readBoolean(given);
  return parameter.kind === "integer" ? readInteger(given) : given;
}

/** What was sent under a parameter's name, the last of it; an empty project or domain is the webhook's. */
function findGiven({ kind, name }: Parameter, query: Query): string | undefined {
  const sent: unknown = query[name];
  const given: unknown = Array.isArray(sent) ? sent.at(-1) : sent;
  if (typeof given !== "string") return undefined;
  return given === "" && kind === "identifier" && name !== "version" ? undefined : given;
}

/** Reads from the query what the original takes from there. */
export function readUpstreamQuery(endpoint: Endpoint, query: Query): QueryReading {
  const values: Record<string, JsonValue | undefined> = {};
  const errors: ValidationError[] = [];
  const faults: Fault[] = [];
  const parameters = endpoint.parameters.filter(({ place, added }) => place === "query" && !added);
  for (const parameter of parameters) {
    const { name, kind } = parameter;
    const given = findGiven(parameter, query);
    if (given === undefined) {
      if (parameter.required) errors.push(validationError("missing", ["query", name]));
      else values[name] = parameter.default;
      continue;
    }
    const rule = kind === "identifier" ? identifierFault(given) : undefined;
    const value = readText(parameter, given);
    if (rule !== undefined) faults.push({ path: ["query", name], message: rule });
    else if (value !== undefined) values[name] = value;
    else {
      const type = kind === "boolean" ? "bool_parsing" : "int_parsing";
      errors.push(validationError(type, ["query", name], given));
    }
  }
  return { values, errors, faults };
}
