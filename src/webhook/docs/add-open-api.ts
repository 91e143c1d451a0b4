import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { defaultExtractors } from "../../app/passthrough/extractors.ts";
import { readCredentials } from "../../app/passthrough/read-credentials.ts";
import { untilClosed } from "../answer-request.ts";
import { createOpenApi } from "../openapi/create-openapi.ts";
import { createTypedOpenApi } from "../openapi/typed-operations.ts";
import { printFaults, sendProblem } from "../problem.ts";
import { refuseCredentials } from "../refuse-credentials.ts";
import type { ResolvedOptions } from "../resolve-options.ts";

/** Whether the document is asked for with its tasks; undefined when the question is unclear. */
function asksForTasks(request: FastifyRequest): boolean | undefined {
  const { tasks } = request.query as Readonly<Record<string, unknown>>; // what Fastify's query parser makes
  if (tasks === undefined || tasks === "false") return false;
  return tasks === "true" ? true : undefined;
}

/** Answers with what the tasks are for this caller alone, wherever the pages are public, too. */
async function answerTyped(
  options: ResolvedOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const credential = readCredentials(request.raw.rawHeaders, defaultExtractors);
  if (credential.kind !== "present") return refuseCredentials(request, reply, credential);
  request.authMetadata = credential.metadata;
  const reading = { auth: credential.metadata, signal: untilClosed(reply) };
  const document = await createTypedOpenApi(options, reading);
  return reply
    .header("content-type", "application/json")
    .send(Buffer.from(JSON.stringify(document)));
}

/**
 * Adds `/openapi.json`. With typed operations, `?tasks=true` asks for those of the caller, who has
 * to send a credential for it.
 */
export function addOpenApi(app: FastifyInstance, options: ResolvedOptions): void {
  let plain: Buffer | undefined;
  app.get("/openapi.json", { config: { endpoint: "docs" } }, async (request, reply) => {
    const typed = options.typedTasks === undefined ? false : asksForTasks(request);
    if (typed === undefined) {
      const faults = [{ path: ["query", "tasks"], message: "must be true or false" }];
      return sendProblem(reply, { code: "invalid_request", detail: printFaults(faults), faults });
    }
    if (typed) return answerTyped(options, request, reply);
    plain ??= Buffer.from(JSON.stringify(createOpenApi(options)));
    return reply
      .header("content-type", "application/json")
      .header("cache-control", "no-cache")
      .send(plain);
  });
}
