import type { FastifyReply } from "fastify";
import { FlyteError } from "../../shared/errors.ts";
import { endpoints } from "../endpoints.ts";
import { sendProblem, toProblem } from "../problem.ts";
import type { RequestRecord } from "../record/request-record.ts";
import { dryRun } from "../starting/run-option-parameters.ts";

/** Longest list of runs in an answer. */
const mostNamed = 10;

/** Answers a request in place of its endpoint, which begins no run for it any more. */
export function answerStopped(reply: FastifyReply): void {
  const { id, method, record } = reply.request;
  record.starts.stop();
  sendProblem(reply, {
    code: "draining",
    detail: `The webhook is stopped before this was done. ${whatBecame(record, id, method)}`,
    headers: { "retry-after": "1", connection: "close" },
  });
  // What its endpoint answers comes too late.
  reply.send = () => reply;
}

/** Answers a request that has not arrived whole, so that nothing was done about it. */
export function answerUnfinished(reply: FastifyReply): void {
  reply.request.record.starts.stop();
  sendProblem(reply, {
    code: "draining",
    detail: "The webhook is stopped before the request had arrived. Nothing was done.",
    headers: { "retry-after": "1", connection: "close" },
  });
  reply.send = () => reply;
}

const readingMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const startingEndpoints: ReadonlySet<string> = new Set(
  endpoints.filter(({ parameters = [] }) => parameters.includes(dryRun)).map(({ name }) => name),
);

function whatBecame(record: RequestRecord, requestId: string, method: string): string {
  const { endpoint = "", starts, runs } = record;
  const texts: string[] = [];
  if (runs.length > 0) {
    const named = runs.slice(0, mostNamed);
    const names = named.map(({ domain, project, name }) => `${domain}/${project}/${name}`);
    const more = runs.length > mostNamed ? ` and ${runs.length - mostNamed} more` : "";
    texts.push(`There is the run ${names.join(", ")}${more}.`);
  }
  // The same words as where the answer to a start was lost.
  const lost = new FlyteError("unavailable", "", { outcomeUnknown: true });
  if (starts.unknown > 0) texts.push(toProblem(lost, requestId).detail);
  if (texts.length > 0) return texts.join(" ");
  if (readingMethods.has(method)) return "Nothing was changed.";
  return startingEndpoints.has(endpoint) ? "No run was started." : "It may have taken effect.";
}
