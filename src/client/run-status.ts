import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { EnrichedIdentity } from "../idl/identifiers.ts";
import { type Action, type ActionDetails, ErrorInfo_Kind } from "../idl/runs.ts";
import { FlyteError } from "../shared/errors.ts";
import { isTerminal, toPhase } from "../values/phases.ts";
import { toRunUrl } from "./console-urls.ts";
import type { RunStatus, Scope } from "./control-plane.ts";

/** What an answer may leave out about a run that was asked for by name. */
export interface AskedRun extends Scope {
  readonly name: string;
  /** Base of console addresses. */
  readonly consoleUrl: string;
}

/**
 * The state of a run, from its root action as `CreateRun`, `ListRuns`, `GetRunDetails` and
 * `WatchActionDetails` tell it. The short form of the first two knows neither error nor reason.
 *
 * @throws FlyteError `internal` when the answer has no phase, or one this version does not know, and when it is about
 * another run
 */
export function toRunStatus(
  action: Action | ActionDetails | undefined,
  asked: AskedRun,
): RunStatus {
  const status = action?.status;
  const phase = status === undefined ? undefined : toPhase(status.phase);
  const name = action?.id?.run?.name || asked.name;
  if (asked.name !== "" && name !== asked.name) {
    const message = `The control plane was asked for run ${asked.name} and told of another one.`;
    throw new FlyteError("internal", message);
  }
  if (status === undefined || phase === undefined) {
    throw new FlyteError(
      "internal",
      `The control plane told no phase of run ${name} that this version knows.`,
    );
  }
  const project = action?.id?.run?.project || asked.project;
  const domain = action?.id?.run?.domain || asked.domain;
  return {
    project,
    domain,
    name,
    phase,
    done: isTerminal(phase),
    url: toRunUrl(asked.consoleUrl, { project, domain }, name),
    task: toTask(action),
    owner: toSubject(action?.metadata?.executedBy),
    attempts: status.attempts,
    startedAt: toDate(status.startTime),
    endedAt: toDate(status.endTime),
    error: toError(action),
    abortReason: toAbortReason(action),
  };
}

function toTask(action: Action | ActionDetails | undefined): RunStatus["task"] {
  const spec = action?.metadata?.spec;
  const id = spec?.case === "task" ? spec.value.id : undefined;
  // A task sent by value may have no identifier worth the name.
  if (id === undefined || id.name === "") return undefined;
  const { project, domain, name, version } = id;
  return { project, domain, name, version };
}

function toSubject(identity: EnrichedIdentity | undefined): string | undefined {
  return identity?.principal.value?.id?.subject || undefined;
}

function toError(action: Action | ActionDetails | undefined): RunStatus["error"] {
  const result = action !== undefined && "result" in action ? action.result : undefined;
  if (result?.case !== "errorInfo") return undefined;
  const { kind, message } = result.value;
  return { kind: kind === ErrorInfo_Kind.USER ? "user" : "system", message };
}

function toAbortReason(action: Action | ActionDetails | undefined): string | undefined {
  const result = action !== undefined && "result" in action ? action.result : undefined;
  return result?.case === "abortInfo" ? result.value.reason : undefined;
}

function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined ? undefined : timestampDate(timestamp);
}
