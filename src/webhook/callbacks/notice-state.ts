import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../shared/json.ts";
import type { Notice, NoticeEnd, RunPlace } from "./notice.ts";

/** A notice and how far it has come. */
export interface Kept {
  readonly notice: Notice;
  /**
   * Whether there is a run for certain. `named`: there may be one, and if there is, it is the one that was meant, as nobody
   * else could have given that name. `claimed`: one of this name may be somebody else's.
   */
  readonly start: "started" | "named" | "claimed";
  /** How often it was sent. */
  readonly attempts: number;
  /** When it is sent next, at the earliest. */
  readonly nextAt: number;
}

/** All that was promised and is not yet done, and what was done lately. */
export interface NoticeState {
  readonly kept: Map<string, Kept>;
  /** When notices were delivered, by their ids, the oldest first. */
  readonly told: Map<string, number>;
}

/** One line of a journal: what happened to a notice. */
export type NoticeLine =
  | { readonly op: "keep"; readonly notice: Notice; readonly start: Kept["start"] }
  | { readonly op: "started"; readonly id: string }
  | {
      readonly op: "tried";
      readonly id: string;
      readonly attempts: number;
      readonly nextAt: number;
    }
  | { readonly op: "over"; readonly id: string; readonly end: NoticeEnd; readonly at: number };

/** How many are remembered that were delivered. */
const mostTold = 10_000;

export function emptyState(): NoticeState {
  return { kept: new Map(), told: new Map() };
}

/** Makes the state that of after a line. A line about what is not there changes nothing. */
export function applyLine({ kept, told }: NoticeState, line: NoticeLine): void {
  switch (line.op) {
    case "keep": {
      const { notice, start } = line;
      const known = kept.get(notice.id);
      if (known === undefined) kept.set(notice.id, { notice, start, attempts: 0, nextAt: 0 });
      else if (start === "started") kept.set(notice.id, { ...known, start });
      return;
    }
    case "started": {
      const known = kept.get(line.id);
      if (known !== undefined) kept.set(line.id, { ...known, start: "started" });
      return;
    }
    case "tried": {
      const known = kept.get(line.id);
      const { attempts, nextAt } = line;
      if (known !== undefined) kept.set(line.id, { ...known, attempts, nextAt });
      return;
    }
    case "over": {
      kept.delete(line.id);
      if (line.end !== "delivered" && line.end !== "refused") return;
      told.delete(line.id);
      told.set(line.id, line.at);
      const [oldest] = told.keys();
      if (told.size > mostTold && oldest !== undefined) told.delete(oldest);
    }
  }
}

/** The fewest lines that make the state. */
export function linesOf({ kept, told }: NoticeState): readonly NoticeLine[] {
  return [
    ...[...told].map(([id, at]): NoticeLine => ({ op: "over", id, end: "delivered", at })),
    ...[...kept.values()].flatMap(({ notice, start, attempts, nextAt }): NoticeLine[] => [
      { op: "keep", notice, start },
      ...(attempts > 0 ? [{ op: "tried" as const, id: notice.id, attempts, nextAt }] : []),
    ]),
  ];
}

/** A line as it was written; undefined for what is none, such as one that a crash cut off. */
export function readLine(value: JsonValue): NoticeLine | undefined {
  if (!isJsonObject(value)) return undefined;
  const id = textOf(value, "id");
  switch (ownValue(value, "op")) {
    case "keep": {
      const notice = readNotice(ownValue(value, "notice"));
      const start = starts.find((each) => each === ownValue(value, "start"));
      return notice && start && { op: "keep", notice, start };
    }
    case "started":
      return id === undefined ? undefined : { op: "started", id };
    case "tried": {
      const [attempts, nextAt] = [numberOf(value, "attempts"), numberOf(value, "nextAt")];
      if (id === undefined || attempts === undefined || nextAt === undefined) return undefined;
      return { op: "tried", id, attempts, nextAt };
    }
    case "over": {
      const [end, at] = [
        ends.find((each) => each === ownValue(value, "end")),
        numberOf(value, "at"),
      ];
      return id === undefined || end === undefined || at === undefined
        ? undefined
        : { op: "over", id, end, at };
    }
    default:
      return undefined;
  }
}

const starts: readonly Kept["start"][] = ["started", "named", "claimed"];
const ends: readonly NoticeEnd[] = ["delivered", "refused", "given_up", "expired", "withdrawn"];

function readNotice(value: JsonValue | undefined): Notice | undefined {
  if (!isJsonObject(value)) return undefined;
  const [id, url, to] = ["id", "url", "to"].map((name) => textOf(value, name));
  const since = numberOf(value, "since");
  const run = readRun(ownValue(value, "run"));
  if (id === undefined || url === undefined || since === undefined || run === undefined)
    return undefined;
  if (!URL.canParse(url) || (to !== "callback" && to?.startsWith("hook:") !== true))
    return undefined;
  return { id, to: to as Notice["to"], url, run, since };
}

function readRun(value: JsonValue | undefined): RunPlace | undefined {
  if (!isJsonObject(value)) return undefined;
  const [project, domain, name] = ["project", "domain", "name"].map((each) => textOf(value, each));
  if (project === undefined || domain === undefined || name === undefined) return undefined;
  return { project, domain, name };
}

function textOf(value: JsonObject, name: string): string | undefined {
  const text = ownValue(value, name);
  return typeof text === "string" ? text : undefined;
}

function numberOf(value: JsonObject, name: string): number | undefined {
  const number = ownValue(value, name);
  return typeof number === "number" ? number : undefined;
}
