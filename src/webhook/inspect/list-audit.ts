import { type Fault, invalidInput } from "../../shared/errors.ts";
import type { JsonObject, JsonValue } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import type { ChainedLine } from "../audit/chained-line.ts";
import { type LogPage, readPage } from "../audit/read-page.ts";
import type { Call } from "../call.ts";
import { refuseStranger } from "./inspectors.ts";

const mostLines = 200;

/** Answers a page of the audit log, the newest lines first, to an inspector. */
export async function listAudit(call: Call): Promise<Answer> {
  const refused = await refuseStranger(call);
  if (refused !== undefined) return { problem: refused };
  const asked = readAsked(call);
  const file = call.options.audit?.file;
  if (file === undefined) {
    const detail = "This webhook keeps no audit log in a file. The option audit.file names one.";
    return { problem: { code: "no_audit_log", detail } };
  }
  const page = await readOf(file, asked);
  if (page === "unreadable") {
    const detail = "The audit log of this webhook cannot be read.";
    return { problem: { code: "audit_unavailable", detail } };
  }
  return { body: toBody(page) };
}

interface Asked {
  readonly limit: number;
  readonly before: number | undefined;
}

function readAsked({ parameters }: Call): Asked {
  const limit = Number(parameters["limit"]);
  const before = parameters["before"];
  const faults: Fault[] = [];
  if (limit < 1 || limit > mostLines) {
    faults.push({ path: ["query", "limit"], message: `must be from 1 to ${mostLines}` });
  }
  if (typeof before === "number" && before < 1) {
    faults.push({ path: ["query", "before"], message: "must be the seq of a line, from 1" });
  }
  if (faults.length > 0) throw invalidInput(faults);
  return { limit, before: typeof before === "number" ? before : undefined };
}

async function readOf(file: string, asked: Asked): Promise<LogPage | "unreadable"> {
  try {
    return await readPage(file, asked);
  } catch (error) {
    // It was moved away, and no line was written since.
    const isMoved = (error as NodeJS.ErrnoException).code === "ENOENT";
    return isMoved ? { lines: [], next: undefined, isCut: false } : "unreadable";
  }
}

function toBody({ lines, next, isCut }: LogPage): JsonObject {
  return { lines: lines.map(toLine), next: next ?? null, ...(isCut && { incomplete: true }) };
}

function toLine({ members, hash }: ChainedLine): JsonObject {
  return { ...(members as Readonly<Record<string, JsonValue>>), hash }; // JSON has made them
}
