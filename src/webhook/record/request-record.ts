import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Scope } from "../../client/control-plane.ts";
import type { ProblemCode } from "../problem-codes.ts";
import { Starts } from "./starts.ts";

/**
 * What becomes known of one request while it is handled: for the audit log, the metrics and the spans. It
 * holds no credential and no input.
 */
export interface RequestRecord {
  /** When it began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The address it came from, as proxies that are trusted say; known only while the connection is there. */
  client?: string | null;
  /** The endpoint or hook that answers: `run_task`, `hook:github`; undefined while none is found. */
  endpoint?: string;
  /** What it is about, such as `task development/flytesnacks/stats.describe`. */
  target?: string;
  /** Whether the webhook let it through; undefined while nobody has decided. */
  decision?: "allowed" | "denied";
  /** The rule that decided, such as `taskAllowlist`, `credential`, `signature`; see `decide.ts`. */
  rule?: string;
  /** Whose credential the calls to the control plane carry: the caller's, or that of a hook or a link. */
  actsAs: "caller" | "link" | `hook:${string}`;
  /** Asks the control plane who has acted, where it was not the caller. */
  whoActed?: () => Promise<{ readonly subject: string | undefined }>;
  /** Runs that were started, or found to be started already. */
  runs: (Scope & { readonly name: string; readonly isNew: boolean })[];
  /** The id of the callback that tells of the end of the run. */
  callback?: string;
  /** Its starts of runs, also those that nobody waits for any more. */
  readonly starts: Starts;
  /** The provider's own id of a signed delivery. */
  delivery?: string;
  /** The code of the problem that was answered. */
  problem?: ProblemCode;
  /** The trace that it belongs to: that of its span, else that of its `traceparent`. */
  traceId?: string;
}

declare module "fastify" {
  interface FastifyRequest {
    record: RequestRecord;
  }
  interface FastifyContextConfig {
    /** What {@link RequestRecord.endpoint} is from the start. */
    endpoint?: string;
  }
}

/** Gets each request when its answer is out, or its caller gone and its work done. */
export interface RequestObserver {
  /** Each request, before anything is decided about it. */
  requestBegan?(request: FastifyRequest): void;
  requestEnded(request: FastifyRequest, outcome: RequestOutcome): void;
  /** What came over a connection and was no request: the HTTP parser has refused it. */
  refused?(refusal: Refusal): void;
}

export interface RequestOutcome {
  /** Of the answer; 499 where the caller had gone before it. */
  readonly status: number;
  readonly durationMs: number;
  /** Whether the caller had gone before all of the answer was out. */
  readonly aborted: boolean;
}

export interface Refusal {
  readonly requestId: string;
  /** The address that it came from. */
  readonly client: string | undefined;
  readonly status: number;
  readonly problem: ProblemCode;
}

/** Gives each request its record, before anything else happens to it. */
export function addRecords(app: FastifyInstance): void {
  app.decorateRequest("record");
  app.addHook("onRequest", (request, _reply, done) => {
    request.record = newRecord();
    const { endpoint } = request.routeOptions.config;
    if (endpoint !== undefined) request.record.endpoint = endpoint;
    done();
  });
}

export function newRecord(): RequestRecord {
  return { startedAt: Date.now(), actsAs: "caller", runs: [], starts: new Starts() };
}
