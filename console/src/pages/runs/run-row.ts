import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { EnrichedIdentity } from "../../../../src/idl/identifiers.ts";
import type { ActionMetadata, Run } from "../../../../src/idl/runs.ts";
import type { Scope } from "../../scope.ts";
import { toIdentityName } from "../../text/identity-name.ts";
import { toSourceWords } from "../../text/run-source.ts";

/** Whose run it is: the subject, and the name people know them by. */
export interface Person {
  readonly subject: string;
  readonly name: string;
}

/** Where a run stands in the list. */
export interface RunPlace {
  readonly startedMs: number;
  readonly name: string;
}

/** What the list shows of a run. */
export interface RunRow extends RunPlace {
  readonly phase: number;
  readonly task: (Scope & { readonly name: string; readonly version: string }) | undefined;
  readonly owner: Person | undefined;
  /** What started it, in words. */
  readonly source: string;
  /** The trigger that did. */
  readonly trigger: (Scope & { readonly task: string; readonly name: string }) | undefined;
  readonly endedMs: number | undefined;
}

/** Undefined for an answer that names no run. */
export function toRunRow({ action }: Run): RunRow | undefined {
  const name = action?.id?.run?.name ?? "";
  if (action === undefined || name === "") return undefined;
  const { metadata, status } = action;
  const id = metadata?.spec.case === "task" ? metadata.spec.value.id : undefined;
  return {
    name,
    startedMs: toMs(status?.startTime) ?? 0,
    endedMs: toMs(status?.endTime),
    phase: status?.phase ?? 0,
    task: id && { project: id.project, domain: id.domain, name: id.name, version: id.version },
    owner: toOwner(metadata?.executedBy),
    source: metadata === undefined ? "–" : toSourceWords(metadata),
    trigger: toTrigger(metadata),
  };
}

function toOwner(identity: EnrichedIdentity | undefined): Person | undefined {
  const subject = identity?.principal.value?.id?.subject;
  return subject === undefined ? undefined : { subject, name: toIdentityName(identity) ?? subject };
}

function toTrigger(metadata: ActionMetadata | undefined): RunRow["trigger"] {
  const id = metadata?.triggerId?.name;
  if (id === undefined || id.name === "") return undefined;
  return { project: id.project, domain: id.domain, task: id.taskName, name: id.name };
}

function toMs(time: Timestamp | undefined): number | undefined {
  return time && timestampMs(time);
}

/** The newest first, those of one moment by name: as the devbox sorts them. */
export function compareRuns(a: RunPlace, b: RunPlace): number {
  if (a.startedMs !== b.startedMs) return b.startedMs - a.startedMs;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
