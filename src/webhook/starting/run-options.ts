import type { RunOptions } from "../../client/control-plane.ts";
import { type Fault, invalidInput } from "../../shared/errors.ts";
import { isJsonObject } from "../../shared/json.ts";
import { envRules, labelRules, type TextMapRules } from "../../values/run-option-rules.ts";
import { type Call, givenText } from "../call.ts";
import { isNameOfKey } from "../idempotency/run-key.ts";
import type { Problem } from "../problem.ts";
import { deny } from "../record/decide.ts";
import { type RunOptionName, runOptionParameters } from "./run-option-parameters.ts";

/** The trace (W3C Trace Context) of the request that started a run. */
export const traceLabel = "flyte-webhook/trace-id";

/** The options of a run that the request sets and that the operator does not allow to be set. */
export function guardRunOptions(call: Call): Problem | undefined {
  const refused = runOptionParameters.filter(
    ({ name }) => call.parameters[name] !== undefined && !call.options.runOptions.includes(name),
  );
  if (refused.length === 0) return undefined;
  deny(call.record, "runOptions");
  const names = refused.map(({ name }) => name).join(", ");
  return {
    code: "not_allowlisted",
    detail: `Callers may not set ${names} here. The operator allows it with the option runOptions.`,
  };
}

/**
 * What a request says about its run, over what the endpoint says.
 *
 * @throws FlyteError `invalid_input` naming every fault
 */
export function requestedRunOptions(call: Call, given: RunOptions): RunOptions {
  const faults: Fault[] = [];
  const own = readMap(call, "labels", labelRules, faults);
  const env = readMap(call, "env_vars", envRules, faults);
  const name = givenText(call, "run_name");
  if (name !== undefined && isNameOfKey(name)) {
    const message =
      "is a name of runs that are started with an Idempotency-Key or by a hook; choose another one";
    faults.push({ path: ["run_name"], message });
  }
  if (faults.length > 0) throw invalidInput(faults);
  const labels = {
    ...given.labels,
    ...own,
    ...(call.traceId && { [traceLabel]: call.traceId }),
  };
  const queue = givenText(call, "queue");
  const { overwrite_cache: overwriteCache, interruptible } = call.parameters;
  return {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(env !== undefined && { env: { ...given.env, ...env } }),
    ...(name !== undefined && { name }),
    ...(queue !== undefined && { queue }),
    ...(typeof overwriteCache === "boolean" && { overwriteCache }),
    ...(typeof interruptible === "boolean" && { interruptible }),
  };
}

function readMap(
  call: Call,
  name: RunOptionName,
  rules: TextMapRules,
  faults: Fault[],
): Readonly<Record<string, string>> | undefined {
  const given = call.parameters[name];
  if (given === undefined || !isJsonObject(given)) return undefined;
  const entries: [string, string][] = [];
  for (const [key, value] of Object.entries(given)) {
    const isText = typeof value === "string";
    const message =
      rules.key(key) ?? (isText ? rules.value(value) : "must be a text, in quotation marks");
    if (message !== undefined) faults.push({ path: [name, key], message });
    else if (isText) entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}
