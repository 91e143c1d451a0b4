import type { ControlPlane } from "../../client/control-plane.ts";
import type { TriggerRef } from "../../client/trigger-calls.ts";
import type { JsonObject } from "../../shared/json.ts";
import { connect } from "../connection.ts";
import { type FinishOptions, showStarted } from "../finish-run.ts";
import { parsePairs, readInputs, toInputsObject, type WrittenInputs } from "../inputs.ts";
import { toTriggerRef } from "./trigger.ts";

interface FireTriggerOptions extends FinishOptions {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly name?: string;
  readonly env?: readonly string[];
  readonly label?: readonly string[];
}

/** `flyte-webhook fire trigger`: starts a run of it and, with `--wait`, stays until its end. */
export async function fireTrigger(
  task: string,
  name: string,
  options: FireTriggerOptions,
): Promise<void> {
  const ref = toTriggerRef(task, name);
  const written = await readInputs(options.inputs, options.input ?? []);
  const env = parsePairs(options.env ?? [], "--env");
  const labels = parsePairs(options.label ?? [], "--label");
  await using controlPlane = await connect(options);
  const inputs = await toGivenInputs(controlPlane, ref, written);
  const { name: run } = options;
  const started = await controlPlane.triggers.fire(ref, inputs, {
    ...(run !== undefined && { name: run }),
    env,
    labels,
    source: "cli",
  });
  await showStarted(controlPlane, started, options);
}

/** Texts of single inputs mean what the trigger's version of the task takes. */
async function toGivenInputs(
  controlPlane: ControlPlane,
  ref: TriggerRef,
  written: WrittenInputs,
): Promise<JsonObject> {
  if (Object.keys(written.single).length === 0) return written.all;
  const {
    task: name,
    taskVersion: version,
    project,
    domain,
  } = await controlPlane.triggers.get(ref);
  const details = await controlPlane.tasks.get({ project, domain, name, version });
  return toInputsObject(written, details.inputSchema);
}
