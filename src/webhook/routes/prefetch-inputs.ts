import { isDeepStrictEqual } from "node:util";
import type { TaskDetails } from "../../client/control-plane.ts";
import { type Fault, FlyteError, invalidInput } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../shared/json.ts";
import { type Call, givenText, givenTexts } from "../call.ts";

/** What a run of the task that fetches models gets. */
export interface Prefetch {
  readonly inputs: JsonObject;
  /** The model's name as the value of a label. */
  readonly label: string;
}

/** Parameters that say something about the run and not about the model. */
const ofTheRun: ReadonlySet<string> = new Set(["project", "domain", "raw_data_path"]);
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
  for (const { name, isDefault, value } of readParameters(call)) {
    const schema = ownValue(taken, name);
    if (schema === undefined) {
      if (!isDefault) faults.push({ path: [name], message: toUnknown(task) });
    } else if (value !== undefined) inputs[name] = value;
    else if (task.requiredInputs.includes(name) && isText(schema)) inputs[name] = "";
  }
  assertUsable(task, inputs);
  if (faults.length > 0) throw invalidInput(faults);
  return { inputs, label: toLabel(call) };
}

interface Given {
  readonly name: string;
  readonly value: JsonValue | undefined;
  /** Whether the parameter says no more than its absence does. */
  readonly isDefault: boolean;
}

function readParameters(call: Call): readonly Given[] {
  const parameters = call.endpoint.parameters.filter(({ name }) => !ofTheRun.has(name));
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

/** @throws FlyteError `invalid_input` naming every parameter that is no name of the kind */
export function assertNames(call: Call): void {
  const faults: Fault[] = [];
  const repo = givenText(call, "repo") ?? "";
  const parts = repo.split("/");
  const isRepo =
    parts.length <= 2 &&
    parts.every((part) => /^[A-Za-z0-9._-]{1,96}$/.test(part) && !isDots(part));
  if (!isRepo) {
    faults.push({
      path: ["repo"],
      message: "is not a repository; write ORGANISATION/NAME or NAME",
    });
  }
  const artifact = givenText(call, "artifact_name") || "a";
  if (!/^[a-zA-Z0-9_-]+$/.test(artifact)) {
    const message = "must only contain alphanumeric characters, underscores, and hyphens";
    faults.push({ path: ["artifact_name"], message });
  }
  if (faults.length > 0) throw invalidInput(faults);
}

function isDots(part: string): boolean {
  return part === "." || part === "..";
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
