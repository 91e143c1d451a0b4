import { isDeepStrictEqual } from "node:util";
import type { TaskDetails, TaskOverrides } from "../../client/control-plane.ts";
import { type Fault, FlyteError, invalidInput } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../shared/json.ts";
import { isModelRepository } from "../../shared/model-repository.ts";
import { parseQuantity } from "../../shared/quantity.ts";
import { type Call, givenText, givenTexts } from "../call.ts";
import { callbackUrl } from "../callbacks/callback-parameter.ts";
import { addedScope } from "../parameters.ts";
import { dryRun } from "../starting/run-option-parameters.ts";
import { waitParameter } from "../waits/waiting-time.ts";

/** What a run of the task that fetches models gets. */
export interface Prefetch {
  readonly inputs: JsonObject;
  /** The model's name as the value of a label. */
  readonly label: string;
  /** Where the run keeps its data, unless the task is told by an input. */
  readonly rawDataPrefix: string | undefined;
  /** Those that are other than by default. */
  readonly resources: NonNullable<TaskOverrides["resources"]>;
}

const resourceNames = ["cpu", "memory", "disk"] as const;

/** Parameters that have their effect by the run, whether or not the task has an input for them. */
const ofTheRun: ReadonlySet<string> = new Set([
  "project",
  "domain",
  "raw_data_path",
  "hf_token_key",
  ...resourceNames,
]);
const defaultModality: readonly string[] = ["text"];

/**
 * The inputs of the task that fetches models: each parameter that the task has an input for.
 *
 * @throws FlyteError `invalid_input` naming every parameter that would be without effect because the
 * task does not know it; `unimplemented` when the task is not one that fetches models
 */
export function toPrefetch(call: Call, task: TaskDetails): Prefetch {
  const faults: Fault[] = [];
  const schemas = ownValue(task.inputSchema, "properties");
  const taken = isJsonObject(schemas) ? schemas : {};
  const inputs: Record<string, JsonValue> = {};
  const given = readParameters(call);
  for (const { name, isDefault, value } of given) {
    const schema = ownValue(taken, name);
    if (schema === undefined) {
      if (!isDefault && !ofTheRun.has(name))
        faults.push({ path: [name], message: toUnknown(task) });
    } else if (value !== undefined) inputs[name] = value;
    else if (task.requiredInputs.includes(name) && isText(schema)) inputs[name] = "";
  }
  assertUsable(task, inputs);
  if (faults.length > 0) throw invalidInput(faults);
  const prefix = ownValue(taken, "raw_data_path") === undefined && givenText(call, "raw_data_path");
  return {
    inputs,
    label: toLabel(call),
    rawDataPrefix: prefix || undefined,
    resources: toResources(given),
  };
}

function toResources(given: readonly Given[]): Prefetch["resources"] {
  const wanted = given.filter(
    ({ name, isDefault }) => !isDefault && resourceNames.some((each) => each === name),
  );
  return Object.fromEntries(wanted.map(({ name, value }) => [name, String(value)]));
}

interface Given {
  readonly name: string;
  readonly value: JsonValue | undefined;
  /** Whether the parameter says no more than its absence does. */
  readonly isDefault: boolean;
}

/** Parameters about the place of the run and its answer, and not about the model. */
const aboutRun: ReadonlySet<string> = new Set(
  [...addedScope, waitParameter, dryRun, callbackUrl].map(({ name }) => name),
);

function readParameters(call: Call): readonly Given[] {
  const parameters = call.endpoint.parameters.filter(({ name }) => !aboutRun.has(name));
  return parameters.map(({ name, default: byDefault }) => {
    if (name === "modality") {
      const modality = givenTexts(call, name) ?? [];
      const value = modality.length === 0 ? defaultModality : modality;
      return { name, value, isDefault: isDeepStrictEqual(value, defaultModality) };
    }
    const value = call.parameters[name];
    const isUnset = value === undefined || (value === "" && byDefault === undefined);
    return {
      name,
      value: isUnset ? undefined : value,
      isDefault: isUnset || value === byDefault,
    };
  });
}

/** What a repetition has to have in common with a request; a default that is written out is none. */
export function askedOfPrefetch(call: Call): JsonObject {
  const given = readParameters(call).filter(({ isDefault }) => !isDefault);
  return Object.fromEntries(given.map(({ name, value }) => [name, value ?? null]));
}

/** @throws FlyteError `invalid_input` naming every parameter that is not what it has to be */
export function assertPrefetch(call: Call): void {
  const faults: Fault[] = [];
  const check = (name: string, holds: (text: string) => boolean, message: string): void => {
    if (!holds(givenText(call, name) ?? "")) faults.push({ path: [name], message });
  };
  check("repo", isModelRepository, "is not a repository; write ORGANISATION/NAME or NAME");
  check(
    "artifact_name",
    (text) => /^[a-zA-Z0-9_-]*$/.test(text),
    "must only contain alphanumeric characters, underscores, and hyphens",
  );
  check(
    "hf_token_key",
    (text) => /^[A-Za-z0-9_-]{0,253}$/.test(text),
    "is not the key of a secret: these have letters, digits, dashes and underscores",
  );
  check("cpu", isAmount, 'is not an amount above zero; write it like "2" or "500m"');
  check("memory", isAmount, 'is not an amount above zero; write it like "8Gi"');
  check("disk", isAmount, 'is not an amount above zero; write it like "50Gi"');
  if (faults.length > 0) throw invalidInput(faults);
}

function isAmount(text: string): boolean {
  return (parseQuantity(text)?.nanos ?? 0n) > 0n;
}

function isText(schema: JsonValue): boolean {
  return isJsonObject(schema) && ownValue(schema, "type") === "string";
}

function toUnknown({ name, version }: TaskDetails): string {
  return `has no effect: task ${name} of version ${version} has no such input. Leave it out, or have a task registered that takes it`;
}

function assertUsable({ name, version, requiredInputs }: TaskDetails, inputs: JsonObject): void {
  const missing = requiredInputs.filter((input) => ownValue(inputs, input) === undefined);
  if (ownValue(inputs, "repo") !== undefined && missing.length === 0) return;
  const why = missing.length === 0 ? "it has no input repo" : `it asks for ${missing.join(", ")}`;
  throw new FlyteError(
    "unimplemented",
    `Task ${name} of version ${version} does not fetch models: ${why}. Register one that takes a repo, or name it in the option prefetchTask.`,
  );
}

/** Values of labels have at most 63 characters, and letters or digits at their ends. */
function toLabel(call: Call): string {
  const name =
    givenText(call, "artifact_name") || (givenText(call, "repo") ?? "").split("/").at(-1);
  const plain = (name ?? "").replaceAll(".", "-").slice(0, 63);
  return plain.replaceAll(/^[_-]+|[_-]+$/g, "");
}
