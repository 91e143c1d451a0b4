import type { FastifyReply } from "fastify";
import { type JsonObject, type JsonValue, stringifyJson } from "../../shared/json.ts";
import { sendProblem } from "../problem.ts";
import { problemKinds } from "../problem-codes.ts";
import type { DeliveryOutcome } from "./delivery-outcome.ts";
import type { HookEvent, HookOutcome, HookProvider } from "./provider.ts";

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: JsonValue | undefined;
}

/** Answers a delivery: in the provider's own words where it has some, else as all hooks do. */
export function sendOutcome(
  reply: FastifyReply,
  hook: { readonly name: string; readonly from: HookProvider },
  outcome: DeliveryOutcome,
): FastifyReply {
  if ("problem" in outcome) return sendProblem(reply, outcome.problem);
  return sendAnswer(reply, toAnswer(hook, outcome));
}

/** The HTTP status of {@link sendOutcome}. */
export function statusOf(
  hook: { readonly name: string; readonly from: HookProvider },
  outcome: DeliveryOutcome,
): number {
  if ("problem" in outcome) return problemKinds[outcome.problem.code].status;
  return toAnswer(hook, outcome).status;
}

function toAnswer(
  { name, from }: { readonly name: string; readonly from: HookProvider },
  outcome: Exclude<DeliveryOutcome, { readonly problem: unknown }>,
): Answer {
  if (outcome.verdict === "answered") return outcome;
  return (
    from.acknowledge?.(outcome.event, toHookOutcome(outcome)) ?? {
      status: 202,
      body: toBody(name, outcome),
    }
  );
}

type Decided = Extract<DeliveryOutcome, { readonly event: HookEvent; readonly problem?: never }>;

function toHookOutcome(outcome: Decided): HookOutcome {
  if ("run" in outcome) {
    const { run, verdict } = outcome;
    return { kind: "started", run: run.name, url: run.url, existed: verdict === "duplicate" };
  }
  if (outcome.verdict === "ignored") return { kind: "ignored" };
  return { kind: "refused", reason: outcome.reason };
}

/** The sender is proved, so it may know what was started and as whom. It learns nothing of inputs. */
function toBody(hook: string, outcome: Decided): JsonObject {
  const { type, id = null } = outcome.event;
  const seen = { event: type, delivery: id };
  if (!("run" in outcome)) {
    return { status: outcome.verdict, ...seen, reason: outcome.reason };
  }
  const { run, subject } = outcome;
  const { name, url, project, domain } = run;
  return {
    status: outcome.verdict,
    ...seen,
    run: { name, url, project, domain },
    acts_as: `hook:${hook}`,
    ...(subject !== undefined && { subject }),
  };
}

function sendAnswer(reply: FastifyReply, { status, headers = {}, body }: Answer): FastifyReply {
  reply.code(status).headers(headers);
  if (body === undefined) return reply.send();
  const isText = typeof body === "string" && /^text\//.test(headers["content-type"] ?? "");
  if (!reply.hasHeader("content-type")) reply.header("content-type", "application/json");
  // As bytes: to a string Fastify would add a charset, which JSON does not have.
  return reply.send(Buffer.from(isText ? body : stringifyJson(body)));
}
