import type { Fault } from "../../shared/errors.ts";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "../../shared/json.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import { callbackUrl } from "../callbacks/callback-parameter.ts";
import { convertJson } from "../convert-parameter.ts";
import { type Parameter, version } from "../parameters.ts";
import { identifierFault } from "../path-parameters.ts";
import { type Problem, printFaults } from "../problem.ts";
import type { ParameterValues } from "../read-parameters.ts";
import { runOptionParameters } from "../starting/run-option-parameters.ts";

/** Most runs that one request starts. */
const mostItems = 100;

/** One start of a batch, its form found right. */
export interface BatchItem {
  readonly domain: string;
  readonly project: string;
  readonly name: string;
  readonly parameters: ParameterValues;
  readonly inputs: JsonObject;
}

const places = ["domain", "project", "name"] as const;
const parameters: readonly Parameter[] = [version, ...runOptionParameters, callbackUrl];
const members: readonly string[] = [...places, "inputs", ...parameters.map(({ name }) => name)];

/** Reads the items of a batch; with a fault in one of them nothing of it is done. */
export function readBatch(
  body: JsonValue | undefined,
): { readonly items: readonly BatchItem[] } | { readonly problem: Problem } {
  const given = isJsonObject(body) ? body["runs"] : undefined;
  if (given === undefined || !isJsonArray(given) || given.length === 0) {
    return invalid([
      { path: ["body", "runs"], message: "must be a list with an item for each run" },
    ]);
  }
  if (given.length > mostItems) {
    const message = `must not have more than ${mostItems} items; send several requests`;
    return invalid([{ path: ["body", "runs"], message }]);
  }
  const faults: Fault[] = [];
  const items = given.flatMap((item, index) => readItem(item, ["body", "runs", index], faults));
  return faults.length > 0 ? invalid(faults) : { items };
}

function readItem(item: JsonValue, path: Fault["path"], faults: Fault[]): readonly BatchItem[] {
  const before = faults.length;
  const fail = (name: string, message: string): void => {
    faults.push({ path: [...path, name], message });
  };
  if (!isJsonObject(item)) {
    faults.push({ path, message: "must be an object" });
    return [];
  }
  for (const name of Object.keys(item).filter((name) => !members.includes(name))) {
    const meant = nearestName(name, members);
    const remedy =
      meant === undefined ? `there are: ${members.join(", ")}` : `did you mean ${meant}?`;
    fail(name, `is not known; ${remedy}`);
  }
  const [domain, project, name] = places.map((place) => {
    const value = item[place];
    const fault = typeof value === "string" ? identifierFault(value) : "is required, as a text";
    if (fault !== undefined) fail(place, fault);
    return typeof value === "string" ? value : "";
  });
  const values: Record<string, JsonValue> = {};
  for (const parameter of parameters) {
    const value = item[parameter.name];
    if (value === undefined || value === null) continue;
    const read = convertJson(parameter, value, [...path, parameter.name]);
    if ("faults" in read) faults.push(...read.faults);
    else values[parameter.name] = read.value;
  }
  const inputs = item["inputs"] ?? {};
  if (!isJsonObject(inputs)) fail("inputs", "must be an object");
  if (faults.length > before || !isJsonObject(inputs)) return [];
  return [
    { domain: domain ?? "", project: project ?? "", name: name ?? "", parameters: values, inputs },
  ];
}

function invalid(faults: readonly Fault[]): { readonly problem: Problem } {
  return { problem: { code: "invalid_request", detail: printFaults(faults), faults } };
}
