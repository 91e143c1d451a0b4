import { create, fromBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ActionIdentifier } from "../../idl/identifiers.ts";
import { ActionIdentifierSchema } from "../../idl/identifiers.ts";
import {
  AbortInfoSchema,
  type Action,
  type ActionAttempt,
  ActionAttemptSchema,
  type ActionDetails,
  ActionDetailsSchema,
  type ActionMetadata,
  ActionMetadataSchema,
  ActionSchema,
  type ActionStatus,
  ActionStatusSchema,
  type ErrorInfo,
  ErrorInfo_Kind,
  ErrorInfoSchema,
  type Run,
  type RunDetails,
  RunDetailsSchema,
  RunSchema,
  RunSpecSchema,
} from "../../idl/runs.ts";
import { TriggerAutomationSpecSchema } from "../../idl/triggers.ts";
import { fromPhase, isTerminal, toPhase } from "../../values/phases.ts";
import type { Caller } from "../auth/caller.ts";
import { toEnrichedIdentity } from "../auth/enriched-identity.ts";
import { type ActionEventRow, listActionEvents } from "../store/action-events.ts";
import type { ActionRow } from "../store/actions.ts";
import type { Database } from "../store/database.ts";
import { findUser } from "../store/identities.ts";
import { findTriggerById } from "../store/triggers.ts";
import { addSpec, toMetadataSpec } from "./action-spec.ts";
import { toLogContext } from "./log-context.ts";

export function toActionId(row: ActionRow): ActionIdentifier {
  const { project, domain, run, name } = row;
  return create(ActionIdentifierSchema, { run: { project, domain, name: run }, name });
}

export function toRun(database: Database, row: ActionRow): Run {
  return create(RunSchema, { action: toAction(database, row) });
}

export function toAction(database: Database, row: ActionRow): Action {
  return create(ActionSchema, {
    id: toActionId(row),
    metadata: toMetadata(database, row),
    status: toStatus(row),
  });
}

export function toRunDetails(database: Database, row: ActionRow): RunDetails {
  return create(RunDetailsSchema, {
    runSpec: fromBinary(RunSpecSchema, row.run_spec),
    action: toActionDetails(database, row),
  });
}

export function toActionDetails(database: Database, row: ActionRow): ActionDetails {
  const attempts = toAttempts(row, listActionEvents(database, row.id));
  const details = create(ActionDetailsSchema, {
    id: toActionId(row),
    metadata: toMetadata(database, row),
    status: toStatus(row),
    attempts,
    ...toResult(database, row, attempts.at(-1)),
  });
  return addSpec(database, row, details);
}

function toMetadata(database: Database, row: ActionRow): ActionMetadata {
  const owner = findUser(database, row.owner) ?? unknownUser(row.owner);
  return create(ActionMetadataSchema, {
    parent: row.parent ?? "",
    executedBy: toEnrichedIdentity(owner),
    group: row.action_group,
    environmentName: row.environment,
    funtionName: row.function_name,
    source: row.source,
    ...(row.trigger_id !== null && toTriggerFields(database, row.trigger_id, row)),
    ...toMetadataSpec(database, row),
  });
}

function toTriggerFields(database: Database, id: number, { trigger_revision }: ActionRow) {
  const trigger = findTriggerById(database, id);
  if (trigger === undefined) return {};
  const { project, domain, task_name: taskName, name } = trigger;
  return {
    triggerId: {
      name: { project, domain, taskName, name },
      revision: BigInt(trigger_revision ?? 0),
    },
    triggerName: name,
    triggerType: fromBinary(TriggerAutomationSpecSchema, trigger.automation),
  };
}

/** A user that has been removed since. */
function unknownUser(subject: string): Caller {
  return { subject, name: subject, email: "" };
}

function toStatus(row: ActionRow): ActionStatus {
  return create(ActionStatusSchema, {
    phase: row.phase,
    startTime: timestampFromMs(row.created_at),
    attempts: Math.max(1, row.attempts),
    ...(row.ended_at === null
      ? {}
      : {
          endTime: timestampFromMs(row.ended_at),
          durationMs: BigInt(Math.max(0, row.ended_at - row.created_at)),
        }),
  });
}

function toResult(
  database: Database,
  row: ActionRow,
  last: ActionAttempt | undefined,
): Pick<ActionDetails, "result"> | undefined {
  if (row.phase === fromPhase("aborted")) {
    const by = row.aborted_by === null ? undefined : findUser(database, row.aborted_by);
    const value = create(AbortInfoSchema, {
      reason: row.abort_reason ?? "",
      ...(by === undefined ? {} : { abortedBy: toEnrichedIdentity(by) }),
    });
    return { result: { case: "abortInfo", value } };
  }
  const ended = row.phase === fromPhase("failed") || row.phase === fromPhase("timed_out");
  if (!ended || last?.errorInfo === undefined) return undefined;
  return { result: { case: "errorInfo", value: last.errorInfo } };
}

/** The attempts, rebuilt from what happened to each. */
function toAttempts(row: ActionRow, events: readonly ActionEventRow[]): ActionAttempt[] {
  const byAttempt = new Map<number, ActionEventRow[]>();
  for (const event of events) {
    const known = byAttempt.get(event.attempt);
    if (known === undefined) byAttempt.set(event.attempt, [event]);
    else known.push(event);
  }
  return [...byAttempt].map(([attempt, own]) => toAttempt(row, attempt, own));
}

function toAttempt(
  row: ActionRow,
  attempt: number,
  events: readonly ActionEventRow[],
): ActionAttempt {
  const last = events.at(-1);
  const name = last === undefined ? undefined : toPhase(last.phase);
  const ended = name !== undefined && isTerminal(name);
  const wasRunning = events.some(({ phase }) => phase === fromPhase("running"));
  return create(ActionAttemptSchema, {
    attempt,
    phase: last?.phase ?? 0,
    startTime: timestampFromMs(events[0]?.time ?? row.created_at),
    ...(ended ? { endTime: timestampFromMs(last?.time ?? 0) } : {}),
    ...(last?.error_message ? { errorInfo: toErrorInfo(last) } : {}),
    ...(last?.outputs_uri ? { outputs: { outputUri: last.outputs_uri } } : {}),
    logsAvailable: wasRunning,
    ...(wasRunning ? { logContext: toLogContext(row, attempt) } : {}),
    phaseTransitions: events.map(({ phase, time }, index) => {
      const next = events[index + 1];
      return {
        phase,
        startTime: timestampFromMs(time),
        ...(next === undefined ? {} : { endTime: timestampFromMs(next.time) }),
      };
    }),
  });
}

function toErrorInfo({ error_message, error_kind }: ActionEventRow): ErrorInfo {
  return create(ErrorInfoSchema, {
    message: error_message ?? "",
    kind: error_kind === "system" ? ErrorInfo_Kind.SYSTEM : ErrorInfo_Kind.USER,
  });
}
