import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { type ConditionAction, ConditionActionSchema } from "../../src/idl/actions.ts";
import type { ActionIdentifier } from "../../src/idl/identifiers.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import type { ActionDetails, Run } from "../../src/idl/runs.ts";
import { conditionFields, SignalInfoSchema } from "../../src/idl/signals.ts";
import { toPhase } from "../../src/values/phases.ts";
import { readUnknownBytes } from "../../src/values/unknown-fields.ts";
import { actionOf, type DevboxClient } from "./devbox-client.ts";

/** What is waited for; a boolean where it does not say. */
export interface Condition
  extends Omit<Exclude<MessageInitShape<typeof ConditionActionSchema>, ConditionAction>, "type"> {
  readonly type?: SimpleType;
}

export type Payload =
  | { readonly case: "boolValue"; readonly value: boolean }
  | { readonly case: "intValue"; readonly value: bigint }
  | { readonly case: "floatValue"; readonly value: number }
  | { readonly case: "stringValue"; readonly value: string };

export const yes: Payload = { case: "boolValue", value: true };
export const no: Payload = { case: "boolValue", value: false };

/** A task whose attempt goes on until it is ended. */
export const waitingScript = "sleep 1000";

/** Has a run wait for a condition, as its task would; returns the condition's action. */
export async function enqueueCondition(
  { actions }: DevboxClient,
  run: Run,
  { type = SimpleType.BOOLEAN, ...condition }: Condition = {},
  name = "approve",
): Promise<ActionIdentifier> {
  const root = actionOf(run);
  const actionId = { ...root, name };
  await actions.enqueue({
    action: {
      actionId,
      parentActionName: root.name,
      spec: {
        case: "condition",
        value: create(ConditionActionSchema, {
          name: "approve",
          type: { type: { case: "simple", value: type } },
          ...condition,
        }),
      },
    },
  });
  return actionId;
}

/** The phase of an action by name. */
export async function phaseOf(
  { runs }: DevboxClient,
  actionId: ActionIdentifier,
): Promise<string | undefined> {
  const { details } = await runs.getActionDetails({ actionId });
  return toPhase(details?.status?.phase ?? 0);
}

/** What the details of a condition say that it waits for, and how it was resolved. */
export function readDetails(details: ActionDetails | undefined) {
  if (details === undefined) throw new Error("no details were answered");
  const spec = readUnknownBytes(details, conditionFields.detailsCondition);
  const signal = readUnknownBytes(details, conditionFields.detailsSignalInfo);
  return {
    phase: toPhase(details.status?.phase ?? 0),
    condition: spec === undefined ? undefined : fromBinary(ConditionActionSchema, spec),
    signal: signal === undefined ? undefined : fromBinary(SignalInfoSchema, signal),
  };
}

/** Sends a value to a condition below the root of its run. */
export function sendSignal(
  { signals }: DevboxClient,
  actionId: ActionIdentifier,
  value: Payload,
): Promise<unknown> {
  return signals.signalEvent({ actionId, parentActionName: "a0", payload: { value } });
}
