import { isJsonArray, isJsonObject, type JsonObject, ownValue } from "../../../src/shared/json.ts";
import { hasWords } from "../text/has-words.ts";

/** A run as the audit log names it. */
export interface AuditRun {
  readonly domain: string;
  readonly project: string;
  readonly name: string;
  /** False where an earlier request had started it. */
  readonly isNew: boolean;
}

/** What is shown of a line of the audit log: "" for what it does not tell. */
export interface AuditLine {
  /** Its place in the log. */
  readonly seq: number;
  readonly time: Date;
  /** `start`, `stop` or `lost`, for a line that is about no request. */
  readonly event: string;
  readonly subject: string;
  /** Why nobody is named. */
  readonly subjectUnknown: string;
  readonly actsAs: string;
  readonly method: string;
  readonly endpoint: string;
  readonly target: string;
  readonly decision: string;
  readonly rule: string;
  readonly status: number | undefined;
  readonly problem: string;
  readonly durationMs: number | undefined;
  readonly runs: readonly AuditRun[];
  /** The whole line. */
  readonly members: JsonObject;
}

/** Reads a line: whatever it holds, something can be shown of it. */
export function readAuditLine(members: JsonObject): AuditLine {
  const text = (name: string): string => {
    const value = ownValue(members, name);
    return typeof value === "string" ? value : "";
  };
  const number = (name: string): number | undefined => {
    const value = ownValue(members, name);
    return typeof value === "number" ? value : undefined;
  };
  return {
    seq: number("seq") ?? 0,
    time: new Date(text("time")),
    event: text("event"),
    subject: text("subject"),
    subjectUnknown: text("subjectUnknown"),
    actsAs: text("actsAs"),
    method: text("method"),
    endpoint: text("endpoint"),
    target: text("target"),
    decision: text("decision"),
    rule: text("rule"),
    status: number("status"),
    problem: text("problem"),
    durationMs: number("durationMs"),
    runs: runsOf(members),
    members,
  };
}

function runsOf(members: JsonObject): readonly AuditRun[] {
  const runs = ownValue(members, "runs");
  if (!isJsonArray(runs)) return [];
  return runs.filter(isJsonObject).flatMap((entry) => {
    const run = ownValue(entry, "run");
    const parts = typeof run === "string" ? run.split("/") : [];
    const [domain = "", project = "", name = ""] = parts;
    if (parts.length !== 3 || parts.includes("")) return [];
    return [{ domain, project, name, isNew: ownValue(entry, "new") !== false }];
  });
}

/** Whether a line has all the words of a filter somewhere, in any case. */
export function matchesFilter(line: AuditLine, filter: string): boolean {
  if (filter === "") return true;
  const text = JSON.stringify(line.members, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return hasWords(text, filter);
}
