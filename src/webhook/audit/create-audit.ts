import type { FastifyInstance, FastifyRequest } from "fastify";
import { metricsOf } from "../metrics/metrics-of.ts";
import { sendProblem } from "../problem.ts";
import { lifecycleOf } from "../ready/lifecycle.ts";
import { deny } from "../record/decide.ts";
import type { RequestObserver, RequestOutcome } from "../record/request-record.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { type CredentialHash, createCredentialHash } from "./credential-hash.ts";
import type { LogWriter } from "./log-writer.ts";
import { openLog } from "./open-log.ts";
import { toEntry } from "./to-entry.ts";
import { createWhoAsked, type Who } from "./who-asked.ts";

/** Endpoints that programs ask all the time. */
const probes: ReadonlySet<string> = new Set(["health", "ready", "metrics"]);

/** What is open while the webhook runs. */
interface Opened {
  readonly writer: LogWriter;
  readonly hash: CredentialHash;
}

/** Writes one line of the audit log for each request. The log is opened when the webhook becomes ready. */
export function createAudit(
  app: FastifyInstance,
  options: ResolvedOptions,
): RequestObserver | undefined {
  const { audit, subjects } = options;
  if (audit === undefined) return undefined;
  const whoAsked = createWhoAsked(subjects, lifecycleOf(options));
  const underWay = new Set<Promise<void>>();
  /** Requests whose line was written before their answer, and how many runs it had. */
  const written = new WeakMap<FastifyRequest, number>();
  let opened: Opened | undefined;
  metricsOf(options).gauge(
    "flyte_webhook_audit_failing",
    "Whether lines of the audit log cannot be written.",
    () => (opened?.writer.failing === true ? 1 : 0),
  );

  const isAudited = ({ record: { endpoint } }: FastifyRequest): boolean =>
    audit.probes || endpoint === undefined || !probes.has(endpoint);

  async function write(request: FastifyRequest, outcome: RequestOutcome): Promise<void> {
    const who: Who = await whoAsked(request);
    if (opened !== undefined) opened.writer.add(toEntry(request, outcome, who, opened.hash));
  }

  app.addHook("onReady", async () => {
    const writer = await openLog(audit, options.logger);
    try {
      opened = { writer, hash: createCredentialHash(audit) };
    } catch (error) {
      await writer.close();
      throw error;
    }
  });
  if (audit.refuses) refuseWhileFailing(app, isAudited, () => opened?.writer.failing === true);
  if (audit.durable) {
    app.addHook("onSend", async (request, reply) => {
      if (!changes(request) || !isAudited(request)) return;
      written.set(request, request.record.runs.length);
      const durationMs = Date.now() - request.record.startedAt;
      await write(request, { status: reply.statusCode, durationMs, aborted: false });
      await opened?.writer.settled();
    });
  }
  app.addHook("onClose", async () => {
    await Promise.all(underWay);
    opened?.writer.add({ time: new Date().toISOString(), event: "stop" });
    await opened?.writer.close();
  });

  return {
    requestEnded(request, outcome) {
      // It has another line where runs became known after its answer.
      if (written.get(request) === request.record.runs.length || !isAudited(request)) return;
      const work = write(request, outcome).finally(() => underWay.delete(work));
      underWay.add(work);
    },
    refused({ requestId, client, status, problem }) {
      const time = new Date().toISOString();
      opened?.writer.add({
        ...{ time, requestId, subjectUnknown: "noCredential", client, status, problem },
      });
    },
  };
}

const readingMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** Whether a request could change something, as far as the webhook knows what it asks for. */
function changes({ method, record }: FastifyRequest): boolean {
  return record.endpoint !== undefined && !readingMethods.has(method);
}

/** Nothing is done that could not be written down. */
function refuseWhileFailing(
  app: FastifyInstance,
  isAudited: (request: FastifyRequest) => boolean,
  isFailing: () => boolean,
): void {
  app.addHook("onRequest", (request, reply, done) => {
    if (!isFailing() || !isAudited(request)) {
      done();
      return;
    }
    deny(request.record, "audit");
    sendProblem(reply, {
      code: "audit_unavailable",
      detail: "The audit log of this webhook cannot be written. Try again later.",
      headers: { "retry-after": "5" },
    });
  });
}
