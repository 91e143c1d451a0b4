import { isDeepStrictEqual } from "node:util";
import type { Fault } from "../shared/errors.ts";
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  ownValue,
} from "../shared/json.ts";
import { nearestName } from "../shared/nearest-name.ts";
import { checkShape, shapeName } from "./check-shape.ts";
import { type Converted, convertJson, convertQuery } from "./convert-parameter.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Parameter } from "./parameters.ts";

/** The parameters of a request by name, those not given with their defaults. */
export type ParameterValues = Readonly<Record<string, JsonValue | undefined>>;

/** The values, and every fault in the query and the body at once. */
export interface ParametersReading {
  readonly values: ParameterValues;
  readonly faults: readonly Fault[];
}

type Query = Readonly<Record<string, unknown>>;

/** Whether the parameters of an endpoint may come as one JSON object in the body. */
export function takesParametersInBody({ method, body }: Endpoint): boolean {
  return method === "POST" && body === undefined;
}

/**
 * Reads every parameter of an endpoint from the query or from the one JSON object of the body; null
 * in the body stands for "not given".
 *
 * What the query holds beside the parameters is ignored; a member of the body that is no parameter
 * is a fault, and so is a parameter with two values.
 */
export function readParameters(
  endpoint: Endpoint,
  query: Query,
  body: JsonValue | undefined,
): ParametersReading {
  const members = readMembers(endpoint, body);
  const faults: Fault[] = [];
  const values: Record<string, JsonValue | undefined> = {};
  for (const parameter of endpoint.parameters) {
    const reading = readParameter(parameter, query, members);
    if ("faults" in reading) faults.push(...reading.faults);
    else values[parameter.name] = reading.value;
  }
  return { values, faults: [...faults, ...members.faults] };
}

/** The members of the body, each with its place in it. */
interface Members {
  readonly given: JsonObject;
  readonly pathOf: (name: string) => Fault["path"];
  readonly faults: readonly Fault[];
}

function readMembers(endpoint: Endpoint, body: JsonValue | undefined): Members {
  const pathOf = (name: string): Fault["path"] => ["body", name];
  const none = { given: {}, pathOf, faults: [] };
  if (endpoint.body !== undefined) {
    const { schema, required } = endpoint.body;
    if (body !== undefined) return { ...none, faults: checkShape(schema, body, ["body"]) };
    const message = "is required; send {} for no inputs";
    return required ? { ...none, faults: [{ path: ["body"], message }] } : none;
  }
  if (body === undefined || body === null) return none;
  if (isJsonObject(body)) return { given: body, pathOf, faults: unknownMembers(endpoint, body) };
  const bare = endpoint.parameters.find((parameter) => parameter.bare);
  if (bare !== undefined && isJsonArray(body)) {
    return { ...none, given: { [bare.name]: body }, pathOf: () => ["body"] };
  }
  const expected = bare === undefined ? "an object" : `an object or the list ${bare.name}`;
  const message = `must be ${expected}, not ${shapeName(body)}`;
  return { ...none, faults: [{ path: ["body"], message }] };
}

function unknownMembers({ parameters }: Endpoint, body: JsonObject): readonly Fault[] {
  const names = parameters.map(({ name }) => name);
  return Object.keys(body)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = nearestName(name, names);
      const remedy =
        meant === undefined ? `there are: ${names.join(", ")}` : `did you mean ${meant}?`;
      return { path: ["body", name], message: `is not a parameter; ${remedy}` };
    });
}

/** The value of one parameter, from wherever it was sent. */
function readParameter(
  parameter: Parameter,
  query: Query,
  { given, pathOf }: Members,
): Converted | { readonly value: undefined } {
  const { name } = parameter;
  const member = ownValue(given, name);
  if (query[name] === undefined && (member === undefined || member === null)) {
    if (!parameter.required) return { value: parameter.default };
    return { faults: [{ path: [parameter.place, name], message: "is required" }] };
  }
  const sent: Converted[] = [];
  if (query[name] !== undefined) sent.push(convertQuery(parameter, query[name]));
  if (member !== undefined && member !== null) {
    sent.push(convertJson(parameter, member, pathOf(name)));
  }
  const faults = sent.flatMap((converted) => ("faults" in converted ? converted.faults : []));
  if (faults.length > 0) return { faults };
  const [first, second] = sent.flatMap((converted) => ("value" in converted ? [converted] : []));
  if (first === undefined) return { value: undefined };
  if (second === undefined || isDeepStrictEqual(first.value, second.value)) return first;
  const message = "has another value in the query: give it in one place";
  return { faults: [{ path: pathOf(name), message }] };
}
