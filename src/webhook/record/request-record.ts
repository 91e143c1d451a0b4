import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Scope } from "../../client/control-plane.ts";
import type { ProblemCode } from "../problem-codes.ts";

/**
 * What becomes known of one request while it is handled: for the audit log, the metrics and the spans. It
 * holds no credential and no input.
 */
export interface RequestRecord {
  /** When it began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The endpoint or hook that answers: `run_task`, `hook:github`; undefined while none is found. */
  endpoint?: string;
  /** What it is about, such as `task development/flytesnacks/stats.describe`. */
  target?: string;
  /** Whether the webhook let it through; undefined while nobody has decided. */
  decision?: "allowed" | "denied";
  /** The rule that decided, such as `taskAllowlist`, `credential`, `signature`. */
  rule?: string;
  /** Whose credential the calls to the control plane carry: the caller's, or that of a hook. */
  actsAs: "caller" | `hook:${string}`;
  /** Runs that were started, or found to be started already. */
  runs: (Scope & { readonly name: string; readonly isNew: boolean })[];
  /** The provider's own id of a signed delivery. */
  delivery?: string;
  /** The code of the problem that was answered. */
  problem?: ProblemCode;
}

declare module "fastify" {
  interface FastifyRequest {
    record: RequestRecord;
  }
}

/** Gets each request when its answer is out, or its caller gone. */
export interface RequestObserver {
  requestEnded(request: FastifyRequest, outcome: RequestOutcome): void;
}

export interface RequestOutcome {
  readonly status: number;
  readonly durationMs: number;
}

/** Gives each request its record, before anything else happens to it. */
export function addRecords(app: FastifyInstance): void {
  app.decorateRequest("record");
  app.addHook("onRequest", (request, _reply, done) => {
    request.record = newRecord();
    done();
  });
}

export function newRecord(): RequestRecord {
  return { startedAt: Date.now(), actsAs: "caller", runs: [] };
}

/** Tells observers of each request once it is over. */
export function observeRequests(
  app: FastifyInstance,
  observers: readonly (RequestObserver | undefined)[],
): void {
  const told = observers.filter((observer) => observer !== undefined);
  if (told.length === 0) return;
  app.addHook("onResponse", (request, reply, done) => {
    const outcome = { status: reply.statusCode, durationMs: reply.elapsedTime };
    for (const observer of told) observer.requestEnded(request, outcome);
    done();
  });
}
