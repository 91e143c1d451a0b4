import { fromBinary } from "@bufbuild/protobuf";
import { durationMs, type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import {
  type ConditionAction,
  ConditionActionSchema,
  ConditionPromptType,
} from "../idl/actions.ts";
import { SimpleType } from "../idl/literals.ts";
import type { ActionDetails } from "../idl/runs.ts";
import { conditionFields, SignalInfoSchema } from "../idl/signals.ts";
import { FlyteError } from "../shared/errors.ts";
import { fromLiteral } from "../values/literals.ts";
import { isTerminal, toPhase } from "../values/phases.ts";
import { readUnknownBytes } from "../values/unknown-fields.ts";
import type { ConditionStatus } from "./condition-calls.ts";
import type { AskedRun } from "./run-status.ts";

const types: ReadonlyMap<SimpleType, NonNullable<ConditionStatus["type"]>> = new Map([
  [SimpleType.BOOLEAN, "boolean"],
  [SimpleType.INTEGER, "integer"],
  [SimpleType.FLOAT, "float"],
  [SimpleType.STRING, "string"],
]);

/**
 * The state of a condition, from the details of its action; undefined for an action that is none.
 *
 * @throws FlyteError `internal` when the answer has no phase, or one this version does not know
 */
export function toConditionStatus(
  details: ActionDetails | undefined,
  asked: AskedRun,
): ConditionStatus | undefined {
  const bytes =
    details === undefined ? undefined : readUnknownBytes(details, conditionFields.detailsCondition);
  if (details === undefined || bytes === undefined) return undefined;
  const spec = fromBinary(ConditionActionSchema, bytes);
  const phase = toPhase(details.status?.phase ?? 0);
  if (phase === undefined) {
    throw new FlyteError(
      "internal",
      `The control plane told no phase of condition ${spec.name} that this version knows.`,
    );
  }
  const since = toDate(details.status?.startTime);
  return {
    project: details.id?.run?.project || asked.project,
    domain: details.id?.run?.domain || asked.domain,
    run: details.id?.run?.name || asked.name,
    name: spec.name,
    action: details.id?.name ?? "",
    parent: details.metadata?.parent ?? "",
    type: toType(spec),
    prompt: spec.prompt,
    promptType: spec.promptType === ConditionPromptType.MARKDOWN ? "markdown" : "text",
    description: spec.description,
    phase,
    open: !isTerminal(phase),
    since,
    deadline: toDeadline(spec, since),
    endedAt: toDate(details.status?.endTime),
    ...toSignal(details),
  };
}

function toType({ type }: ConditionAction): ConditionStatus["type"] {
  return type?.type.case === "simple" ? types.get(type.type.value) : undefined;
}

/** The literal type of a condition that takes this. */
export function toSimpleType(type: NonNullable<ConditionStatus["type"]>): SimpleType {
  return [...types].find(([, name]) => name === type)?.[0] ?? SimpleType.NONE;
}

function toDeadline({ timeout }: ConditionAction, since: Date | undefined): Date | undefined {
  if (timeout === undefined || since === undefined) return undefined;
  const ms = durationMs(timeout);
  const deadline = new Date(since.getTime() + ms);
  // Beyond what a date holds it is never.
  return ms > 0 && !Number.isNaN(deadline.getTime()) ? deadline : undefined;
}

function toSignal(details: ActionDetails): Pick<ConditionStatus, "value" | "signalledBy"> {
  const bytes = readUnknownBytes(details, conditionFields.detailsSignalInfo);
  if (bytes === undefined) return { value: undefined, signalledBy: undefined };
  const { signalledBy, output } = fromBinary(SignalInfoSchema, bytes);
  return {
    value: output === undefined ? undefined : fromLiteral(output),
    signalledBy: signalledBy?.principal.value?.id?.subject || undefined,
  };
}

function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined ? undefined : timestampDate(timestamp);
}
