import { fromBinary } from "@bufbuild/protobuf";
import { durationMs, timestampDate } from "@bufbuild/protobuf/wkt";
import {
  type ConditionAction,
  ConditionActionSchema,
  ConditionPromptType,
} from "../idl/actions.ts";
import type { EnrichedIdentity } from "../idl/identifiers.ts";
import { SimpleType } from "../idl/literals.ts";
import type { ActionDetails } from "../idl/runs.ts";
import { conditionFields, SignalInfoSchema } from "../idl/signals.ts";
import type { JsonValue } from "../shared/json.ts";
import { fromLiteral } from "./literals.ts";
import { readUnknownBytes } from "./unknown-fields.ts";

/** What a condition can take. */
export type ConditionType = "boolean" | "integer" | "float" | "string";

/** What the details of a condition's action say of it, beyond what they say of any action. */
export interface ConditionDetails {
  readonly name: string;
  /** What it takes; undefined when the control plane does not tell. */
  readonly type: ConditionType | undefined;
  readonly prompt: string;
  readonly promptType: "text" | "markdown";
  readonly description: string;
  /** When it ends by itself. */
  readonly deadline: Date | undefined;
  /** What it was signalled with; undefined before that, and when it ended otherwise. */
  readonly value: JsonValue | undefined;
  readonly signalledBy: EnrichedIdentity | undefined;
}

const types: ReadonlyMap<SimpleType, ConditionType> = new Map([
  [SimpleType.BOOLEAN, "boolean"],
  [SimpleType.INTEGER, "integer"],
  [SimpleType.FLOAT, "float"],
  [SimpleType.STRING, "string"],
]);

/** The literal type of a condition that takes this. */
export function toSimpleType(type: ConditionType): SimpleType {
  return [...types].find(([, name]) => name === type)?.[0] ?? SimpleType.NONE;
}

/** Reads the details of an action; undefined for an action that is no condition. */
export function readConditionDetails(details: ActionDetails): ConditionDetails | undefined {
  const bytes = readUnknownBytes(details, conditionFields.detailsCondition);
  if (bytes === undefined) return undefined;
  const spec = fromBinary(ConditionActionSchema, bytes);
  return {
    name: spec.name,
    type: spec.type?.type.case === "simple" ? types.get(spec.type.type.value) : undefined,
    prompt: spec.prompt,
    promptType: spec.promptType === ConditionPromptType.MARKDOWN ? "markdown" : "text",
    description: spec.description,
    deadline: toDeadline(spec, details),
    ...toSignal(details),
  };
}

function toDeadline({ timeout }: ConditionAction, { status }: ActionDetails): Date | undefined {
  if (timeout === undefined || status?.startTime === undefined) return undefined;
  const ms = durationMs(timeout);
  const deadline = new Date(timestampDate(status.startTime).getTime() + ms);
  // Beyond what a date holds it is never.
  return ms > 0 && !Number.isNaN(deadline.getTime()) ? deadline : undefined;
}

function toSignal(details: ActionDetails): Pick<ConditionDetails, "value" | "signalledBy"> {
  const bytes = readUnknownBytes(details, conditionFields.detailsSignalInfo);
  if (bytes === undefined) return { value: undefined, signalledBy: undefined };
  const { signalledBy, output } = fromBinary(SignalInfoSchema, bytes);
  return { value: output === undefined ? undefined : fromLiteral(output), signalledBy };
}
