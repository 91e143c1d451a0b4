import type { FastifyReply, FastifyRequest } from "fastify";
import { withoutAuthMetadata } from "../../client/auth-metadata.ts";
import { within } from "../../shared/within.ts";
import type { Problem } from "../problem.ts";
import { allow, deny } from "../record/decide.ts";
import type { RequestRecord } from "../record/request-record.ts";
import { actOnEvent } from "./act-on-event.ts";
import { sendOutcome } from "./answer-outcome.ts";
import type { DecidedDelivery, DeliveryOutcome } from "./delivery-outcome.ts";
import type { AskingRequest, HookSite } from "./hook-site.ts";
import { noteDelivery } from "./note-delivery.ts";
import type { DeliveryReading, HookEvent, RawDelivery } from "./provider.ts";
import { readDelivery } from "./read-delivery.ts";
import type { ResolvedHook } from "./resolve-hooks.ts";
import { sendAgainAfter } from "./start-problem.ts";

/** What of the provider's patience is used: the rest is for the way there and back. */
const usedPatience = 0.9;

/** Strangers get this whatever is wrong with their proof; the log has the reason. */
const badSignature: Problem = {
  code: "bad_signature",
  detail: "The signature of this delivery was not accepted.",
};

/** Takes a request to a hook through all its steps: read it, prove it, see what it starts, start that, answer. */
export async function answerDelivery(
  site: HookSite,
  hook: ResolvedHook,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { record } = request;
  record.endpoint = record.actsAs = `hook:${hook.name}`;
  // Hooks act with their own credential, whatever was sent.
  const decided = await withoutAuthMetadata(() => readAndDecide(site, hook, request, reply));
  sendOutcome(reply, hook, decided.outcome);
  const { verdict } = decided.outcome;
  site.deliveries.add({ hook: hook.name, verdict });
  noteDelivery(site, hook, request, reply, decided);
  return reply;
}

async function readAndDecide(
  site: HookSite,
  hook: ResolvedHook,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<DecidedDelivery> {
  const read = await readDelivery(request, hook.bodyLimitBytes);
  if ("problem" in read) {
    return { delivery: undefined, outcome: { verdict: "failed", problem: read.problem } };
  }
  const { delivery } = read;
  return { delivery, outcome: await decide(site, hook, { request, reply, delivery }) };
}

interface Arrived {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly delivery: RawDelivery;
}

async function decide(
  site: HookSite,
  hook: ResolvedHook,
  { request, reply, delivery }: Arrived,
): Promise<DeliveryOutcome> {
  const reading = hook.from.read(delivery);
  if (reading.kind !== "event") return outcomeOf(request.record, reading);
  const { event } = reading;
  allow(request.record, "signature");
  if (event.id !== undefined) request.record.delivery = event.id;
  site.files.keep(hook, event, delivery);
  return answerEvent(site, hook, request, event, reply.elapsedTime);
}

/** What becomes of a delivery that is no event. */
export function outcomeOf(
  record: RequestRecord,
  reading: Exclude<DeliveryReading, { readonly kind: "event" }>,
): DeliveryOutcome {
  if (reading.kind === "refused") deny(record, "signature");
  else allow(record, "signature");
  switch (reading.kind) {
    case "refused":
      return { verdict: "bad_signature", problem: badSignature, reason: reading.reason };
    case "malformed": {
      const detail = `The delivery was not understood: ${reading.reason}`;
      return { verdict: "malformed", problem: { code: "invalid_input", detail } };
    }
    case "answer": {
      const { status, headers = {}, body, what } = reading;
      return { verdict: "answered", status, headers, body, what };
    }
  }
}

/**
 * Starts what an event starts, in the time that its provider waits.
 *
 * @param elapsedMs - how much of that time is over
 */
export async function answerEvent(
  site: HookSite,
  hook: ResolvedHook,
  request: AskingRequest,
  event: HookEvent,
  elapsedMs: number,
): Promise<DeliveryOutcome> {
  if (!hook.takes(event.type)) {
    return { verdict: "ignored", event, reason: "The hook takes no events of this type." };
  }
  const patienceMs = hook.from.answerWithinMs * usedPatience;
  const leftMs = Math.max(1, Math.floor(patienceMs - elapsedMs));
  const acting = actOnEvent(site, hook, request, event, AbortSignal.timeout(leftMs));
  // What is late goes on: it may have started the run already.
  return (await within(acting, leftMs)) ? acting : late(event);
}

function late(event: HookEvent): DeliveryOutcome {
  const again =
    event.id === undefined
      ? "It may start all the same, and once more when the delivery is sent again, which has no id."
      : "Send the delivery again: it starts one run, however often it comes.";
  const detail = `The run was not confirmed in the time that the provider gives. ${again}`;
  const problem: Problem = { code: "deadline_exceeded", detail, headers: sendAgainAfter };
  return { verdict: "failed", event, problem };
}
