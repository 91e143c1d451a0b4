import { parseDuration } from "../../shared/duration.ts";
import { FlyteError } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../shared/json.ts";
import { readLines } from "../../webhook/audit/read-lines.ts";
import { verifyLog } from "../../webhook/audit/verify-log.ts";
import { exitCodes } from "../exit-codes.ts";
import { fields, note, print, printJson, table } from "../output.ts";

interface VerifyOptions {
  readonly keyEnv?: string;
  readonly expectHash?: string;
  readonly afterHash?: string;
  readonly json?: boolean;
}

/** `flyte-webhook audit verify`: follows the chain of a log and names its first break. */
export async function verifyAudit(
  files: readonly string[],
  { keyEnv, expectHash, afterHash, json = false }: VerifyOptions,
): Promise<void> {
  const { broken, ...summary } = await verifyLog(files, {
    ...(keyEnv !== undefined && { key: readKey(keyEnv) }),
    ...(expectHash !== undefined && { expectHash: checkedHash("--expect-hash", expectHash) }),
    ...(afterHash !== undefined && { afterHash: checkedHash("--after-hash", afterHash) }),
  });
  if (broken !== undefined) process.exitCode = exitCodes.runFailed;
  const { lines, from = null, to = null, starts, torn, seq, hash } = summary;
  if (json) {
    const whole = broken === undefined;
    const place = broken === undefined ? null : { ...broken };
    printJson({ whole, lines, from, to, starts, torn, seq, hash, broken: place });
    return;
  }
  if (broken !== undefined) note(`${broken.file}:${broken.line}: ${broken.kind}: ${broken.text}`);
  print(
    fields([
      [broken === undefined ? "whole" : "whole up to there", `${lines} lines`],
      ["from", from ?? undefined],
      ["to", to ?? undefined],
      ["starts", String(starts)],
      ["unfinished", torn === 0 ? undefined : `${torn} lines of processes that were killed`],
      ["last line", lines === 0 ? undefined : `number ${seq}, hash ${hash}`],
    ]),
  );
}

function readKey(name: string): string {
  const key = process.env[name];
  if (key !== undefined && key !== "") return key;
  throw new FlyteError(
    "invalid_input",
    `The variable ${name} of --key-env is not set. Put the key of the log into it.`,
  );
}

function checkedHash(option: string, text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new FlyteError(
    "invalid_input",
    `${option} takes 64 hexadecimal digits, as audit verify prints them for the last line.`,
  );
}

interface ShowOptions {
  readonly run?: string;
  readonly subject?: string;
  readonly request?: string;
  readonly credential?: string;
  readonly denied?: boolean;
  readonly since?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** `flyte-webhook audit show`: the lines about a run, of a user, of a request or since a time. */
export async function showAudit(files: readonly string[], options: ShowOptions): Promise<void> {
  const isAsked = toFilter(options);
  const found: JsonObject[] = [];
  let strange = 0;
  for (const file of files) {
    for await (const { bytes } of readLines(file)) {
      const line = parseLine(bytes);
      if (line === undefined) strange += 1;
      else if (line["event"] === undefined && isAsked(line)) found.push(line);
      if (found.length > 2 * options.limit) found.splice(0, found.length - options.limit);
    }
  }
  if (strange > 0) note(`${strange} lines cannot be read: check the log with audit verify.`);
  const shown = found.slice(-options.limit);
  if (options.json === true) printJson(shown);
  else print(table(headings, shown.map(toRow)));
}

const headings = [
  "time",
  "who",
  "credential",
  "what",
  "target",
  "decision",
  "status",
  "run",
  "request",
];

function toRow(line: JsonObject): readonly string[] {
  const text = (name: string): string => String(line[name] ?? "-");
  const acts = text("actsAs");
  const who = line["subject"] ?? `(${text("subjectUnknown")})`;
  return [
    text("time"),
    acts === "caller" || acts === "-" ? String(who) : `${acts} ${who}`,
    text("credential"),
    line["endpoint"] === undefined ? text("method") : text("endpoint"),
    text("target"),
    line["decision"] === undefined ? "-" : `${text("decision")} by ${text("rule")}`,
    line["problem"] === undefined ? text("status") : `${text("status")} ${text("problem")}`,
    runsOf(line).join(" ") || "-",
    text("requestId"),
  ];
}

function toFilter(options: ShowOptions): (line: JsonObject) => boolean {
  const { run, subject, request, credential, denied = false } = options;
  const since = options.since === undefined ? undefined : toTime(options.since);
  return (line) =>
    (run === undefined || isAbout(line, run)) &&
    (subject === undefined || line["subject"] === subject) &&
    (request === undefined || line["requestId"] === request) &&
    (credential === undefined || line["credential"] === credential) &&
    (!denied || line["decision"] === "denied") &&
    (since === undefined || String(line["time"]) >= since);
}

/** By the name of a run, or its domain, project and name. */
function isAbout(line: JsonObject, run: string): boolean {
  const target = String(line["target"] ?? "");
  const named = target.startsWith("run ") ? [target.slice("run ".length)] : [];
  return [...runsOf(line), ...named].some((full) => full === run || full.endsWith(`/${run}`));
}

function runsOf({ runs }: JsonObject): readonly string[] {
  if (!Array.isArray(runs)) return [];
  return runs.filter(isJsonObject).map(({ run }) => String(run));
}

function toTime(text: string): string {
  const isMoment = /^\d{4}-\d{2}-\d{2}/.test(text);
  const ms = isMoment ? Date.parse(text) : Date.now() - parseDuration(text);
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new FlyteError(
    "invalid_input",
    `${JSON.stringify(text)} is no time. Write 2026-11-21T09:00:00Z, or a duration such as 2h.`,
  );
}

function parseLine(bytes: Buffer): JsonObject | undefined {
  try {
    const value = parseJson(bytes.toString("utf8"));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
