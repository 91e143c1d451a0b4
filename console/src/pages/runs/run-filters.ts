import type { MessageInitShape } from "@bufbuild/protobuf";
import { Filter_Function, type FilterSchema } from "../../../../src/idl/identifiers.ts";
import { fromPhase, type Phase, phases } from "../../../../src/values/phases.ts";
import type { RunRow } from "./run-row.ts";

export type ListFilter = MessageInitShape<typeof FilterSchema>;

/** Times before now that the list can be asked for. */
export const spans = {
  "1h": { words: "Last hour", ms: 3_600_000 },
  "24h": { words: "Last 24 hours", ms: 86_400_000 },
  "7d": { words: "Last 7 days", ms: 604_800_000 },
} as const;

export type Span = keyof typeof spans;

/** Which runs are listed; what is left out is not asked for. */
export interface RunFilters {
  readonly phases: readonly Phase[];
  /** A part of the task's name, in any case. */
  readonly task: string;
  /** Subject of the owner. */
  readonly owner: string;
  readonly since?: Span | undefined;
  /** Milliseconds since 1970, both included. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export const noFilters: RunFilters = { phases: [], task: "", owner: "" };

const maxTextLength = 300;

/** Reads the filters of an address; what cannot be one is left out. */
export function readFilters(query: URLSearchParams): RunFilters {
  const wanted = new Set((query.get("phase") ?? "").split(","));
  const since = query.get("since") ?? "";
  return {
    phases: phases.filter((phase) => wanted.has(phase)),
    task: readText(query.get("task")),
    owner: readText(query.get("owner")),
    ...(isSpan(since)
      ? { since }
      : { from: readTime(query.get("from")), to: readTime(query.get("to")) }),
  };
}

/** The names of an address that stand for filters. */
export function writeFilters(filters: RunFilters): Record<string, string | undefined> {
  const { from, to, since } = filters;
  return {
    phase: filters.phases.join(","),
    task: filters.task,
    owner: filters.owner,
    since,
    from: since === undefined ? writeTime(from) : undefined,
    to: since === undefined ? writeTime(to) : undefined,
  };
}

/** How many filters are set. */
export function countFilters({ phases: chosen, task, owner, since, from, to }: RunFilters): number {
  const isTimed = since !== undefined || from !== undefined || to !== undefined;
  return [chosen.length > 0, task !== "", owner !== "", isTimed].filter(Boolean).length;
}

/** Filters whose times stand still, so that every page and every change is judged by the same. */
export function fixTimes(filters: RunFilters, now: number): RunFilters {
  const { since, ...rest } = filters;
  return since === undefined ? rest : { ...rest, from: now - spans[since].ms, to: undefined };
}

/** What the devbox is asked by. */
export function toListFilters({ phases: chosen, task, owner, from, to }: RunFilters): ListFilter[] {
  const { VALUE_IN, CONTAINS_CASE_INSENSITIVE, EQUAL } = Filter_Function;
  const { GREATER_THAN_OR_EQUAL, LESS_THAN_OR_EQUAL } = Filter_Function;
  const filters: ListFilter[] = [];
  const add = (field: string, how: Filter_Function, ...values: string[]): void => {
    filters.push({ field, function: how, values });
  };
  if (chosen.length > 0) add("phase", VALUE_IN, ...chosen.map((name) => String(fromPhase(name))));
  if (task !== "") add("task_name", CONTAINS_CASE_INSENSITIVE, task);
  if (owner !== "") add("created_by_subject", EQUAL, owner);
  if (from !== undefined) add("created_at", GREATER_THAN_OR_EQUAL, String(from));
  if (to !== undefined) add("created_at", LESS_THAN_OR_EQUAL, String(to));
  return filters;
}

/** The same judgement on a run that changed. */
export function toPredicate({
  phases: chosen,
  task,
  owner,
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
}: RunFilters): (run: RunRow) => boolean {
  const numbers = new Set(chosen.map(fromPhase));
  const part = lowerAscii(task);
  return (run) =>
    (numbers.size === 0 || numbers.has(run.phase)) &&
    (part === "" || lowerAscii(run.task?.name ?? "").includes(part)) &&
    (owner === "" || run.owner?.subject === owner) &&
    run.startedMs >= from &&
    run.startedMs <= to;
}

/** SQLite folds the case of ASCII letters alone. */
function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** No text in the devbox has a NUL. */
function readText(text: string | null): string {
  const characters = [...(text ?? "").replaceAll("\0", "").trim()];
  return characters.slice(0, maxTextLength).join("");
}

function readTime(text: string | null): number | undefined {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function writeTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

function isSpan(text: string): text is Span {
  return Object.hasOwn(spans, text);
}
