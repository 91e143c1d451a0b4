import { RunSource } from "../../../../src/idl/runs.ts";
import type { Inputs } from "../../../../src/idl/tasks.ts";
import { FlyteError } from "../../../../src/shared/errors.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from "../../../../src/shared/json.ts";
import { dataProxy, runs } from "../../control-plane/clients.ts";
import { type TriggerKey, toTriggerName } from "../triggers/trigger-row.ts";

/**
 * Starts a run of a trigger now and tells its name. The run has the trigger's settings, and its inputs where none are
 * given.
 */
export async function fireTrigger(
  key: TriggerKey,
  { version, inputs }: { readonly version: string; readonly inputs: Inputs | undefined },
): Promise<string> {
  const { project, domain, task } = key;
  const id = { case: "projectId" as const, value: { name: project, domain } };
  const uploaded =
    inputs &&
    (await dataProxy.uploadInputs({
      id,
      task: { case: "taskId", value: { project, domain, name: task, version } },
      inputs,
    }));
  const { run } = await runs.createRun({
    id,
    task: { case: "triggerName", value: toTriggerName(key) },
    ...(uploaded?.offloadedInputData !== undefined && {
      inputWrapper: { case: "offloadedInputData" as const, value: uploaded.offloadedInputData },
    }),
    source: RunSource.WEB,
  });
  const name = run?.action?.id?.run?.name ?? "";
  if (name !== "") return name;
  throw new FlyteError("internal", "The control plane started a run but did not tell its name.");
}

/** Inputs as they were typed. @throws FlyteError `invalid_input` in words */
export function readTypedInputs(text: string): JsonObject {
  if (text.trim() === "") return {};
  const value = parseTyped(text);
  if (isJsonObject(value)) return value;
  throw new FlyteError("invalid_input", 'Inputs are an object, such as {"region": "eu"}.');
}

function parseTyped(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FlyteError("invalid_input", `The inputs are no JSON: ${reason}`, { cause: error });
  }
}
