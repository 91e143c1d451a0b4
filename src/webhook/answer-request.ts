import type { FastifyReply, FastifyRequest } from "fastify";
import { type JsonValue, stringifyJson } from "../shared/json.ts";
import { Slot } from "./admission/slot.ts";
import { whoOf } from "./admission/who-of.ts";
import { withSlot } from "./admission/with-slot.ts";
import type { Call } from "./call.ts";
import { answerLikeUpstream } from "./compat/answer-like-upstream.ts";
import { readUpstream } from "./compat/read-upstream.ts";
import { watchFailures } from "./compat/watch-failures.ts";
import type { Endpoint } from "./endpoint.ts";
import { guardNames } from "./guard.ts";
import { readPathParameters } from "./path-parameters.ts";
import { type Problem, printFaults, sendProblem } from "./problem.ts";
import { type Query, type RequestReading, readRequest } from "./read-request.ts";
import { targetOf } from "./record/target-of.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import { type StreamAnswer, sendStream } from "./send-stream.ts";
import { guardRunOptions } from "./starting/run-options.ts";

/**
 * What a route answers: a body, with status 200 unless it says another, what someone else answered, or the
 * problem that kept it from answering.
 */
export type Answer =
  | {
      readonly body: JsonValue;
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly stream: StreamAnswer }
  | { readonly problem: Problem };

/** The work of one endpoint, once the request has been read and its names passed the guard. */
export type Route = (call: Call) => Promise<Answer>;

type Parsed = { readonly call: Call } | { readonly problem: Problem };

function parse(
  { endpoint, options, controlPlane }: Pick<Call, "endpoint" | "options" | "controlPlane">,
  request: FastifyRequest,
  reply: FastifyReply,
): Parsed | Promise<Parsed> {
  const path = readPathParameters(
    endpoint.path,
    request.raw.url ?? "",
    request.params as Readonly<Record<string, unknown>>, // what Fastify's router makes
  );
  if (path.kind === "refused") {
    const detail = `The address is not acceptable: ${printFaults(path.faults)}`;
    return { problem: { code: "invalid_input", detail, faults: path.faults } };
  }
  const query = request.query as Query; // what Fastify's query parser makes
  const asOriginal = options.compat === "upstream" && endpoint.added !== true;
  const reading = (asOriginal ? readUpstream : readRequest)(
    endpoint,
    request.raw,
    query,
    options.bodyLimitBytes,
  );
  const conclude = (read: RequestReading): Parsed =>
    "problem" in read
      ? read
      : { call: toCall({ endpoint, options, controlPlane }, path.values, read, request, reply) };
  return reading instanceof Promise ? reading.then(conclude) : conclude(reading);
}

type Read = Exclude<RequestReading, { readonly problem: Problem }>;

function toCall(
  { endpoint, options, controlPlane }: Pick<Call, "endpoint" | "options" | "controlPlane">,
  path: Call["path"],
  { parameters, body }: Read,
  request: FastifyRequest,
  reply: FastifyReply,
): Call {
  let signal: AbortSignal | undefined;
  const untilGone = (): AbortSignal => {
    signal ??= untilClosed(reply);
    return signal;
  };
  return {
    endpoint,
    options,
    controlPlane,
    path,
    parameters,
    body,
    auth: request.authMetadata,
    requestId: request.id,
    traceId: request.record.traceId,
    header: (name) => request.headers[name]?.toString(),
    record: request.record,
    get signal() {
      return untilGone();
    },
    slot: new Slot(options.slots, () => whoOf(request.authMetadata), untilGone),
  };
}

/** Aborts when the connection closes before the answer went out. */
export function untilClosed(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (reply.raw.destroyed && !reply.raw.writableFinished) controller.abort();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/**
 * Takes a request to an endpoint through all its steps: read the path, the query and the body,
 * check the names against the guard, do the work, answer.
 */
export async function answerRequest(
  endpoint: Endpoint,
  route: Route,
  options: ResolvedOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  request.record.endpoint = endpoint.name;
  const watched = options.compat === "upstream" ? watchFailures(options.controlPlane) : undefined;
  const controlPlane = watched?.controlPlane ?? options.controlPlane;
  const parsing = parse({ endpoint, options, controlPlane }, request, reply);
  const parsed = parsing instanceof Promise ? await parsing : parsing;
  if ("problem" in parsed) return sendProblem(reply, parsed.problem);
  const target = targetOf(parsed.call);
  if (target !== undefined) request.record.target = target;
  const forbidden = guardNames(parsed.call) ?? guardRunOptions(parsed.call);
  if (forbidden !== undefined) return sendProblem(reply, forbidden);
  const bounded: Route = (call) => withSlot(route, call);
  const answer = await (watched === undefined
    ? bounded(parsed.call)
    : answerLikeUpstream(bounded, parsed.call, request, watched.lastFailure));
  if ("problem" in answer) return sendProblem(reply, answer.problem);
  if ("stream" in answer) return sendStream(reply, answer.stream);
  // As bytes: to a string Fastify would add a charset, which JSON does not have.
  const body = Buffer.from(stringifyJson(answer.body));
  if (answer.status !== undefined) reply.code(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  return reply.header("content-type", "application/json").send(body);
}
