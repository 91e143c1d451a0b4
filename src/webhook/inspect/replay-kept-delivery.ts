import { randomUUID } from "node:crypto";
import { withoutAuthMetadata } from "../../client/auth-metadata.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer, Route } from "../answer-request.ts";
import { type Call, givenFlag, pathValue } from "../call.ts";
import { answerEvent, outcomeOf } from "../hooks/answer-delivery.ts";
import { statusOf } from "../hooks/answer-outcome.ts";
import { canSign } from "../hooks/can-sign.ts";
import type { DeliveryOutcome } from "../hooks/delivery-outcome.ts";
import type { AskingRequest, HookSite } from "../hooks/hook-site.ts";
import { noteDelivery, reasonOf } from "../hooks/note-delivery.ts";
import type { RawDelivery } from "../hooks/provider.ts";
import type { KeptDelivery } from "../hooks/recent-deliveries.ts";
import { signDelivery, toRawDelivery } from "../hooks/replay-delivery.ts";
import type { ResolvedHook } from "../hooks/resolve-hooks.ts";
import type { Problem } from "../problem.ts";
import { newRecord, type RequestRecord } from "../record/request-record.ts";
import { refuseStranger } from "./inspectors.ts";

/** Gives a delivery whose body was kept to its hook again, signed anew, for an inspector. */
export function createReplayDelivery(site: HookSite | undefined): Route {
  return async (call): Promise<Answer> => {
    const refused = await refuseStranger(call);
    if (refused !== undefined) return { problem: refused };
    const found = findKept(site, call);
    return "problem" in found ? found : replay(call, found);
  };
}

interface Found {
  readonly site: HookSite;
  readonly hook: ResolvedHook;
  readonly kept: KeptDelivery;
}

function findKept(site: HookSite | undefined, call: Call): Found | { readonly problem: Problem } {
  const [name, requestId] = [pathValue(call, "hook"), pathValue(call, "request_id")];
  const none = (detail: string) => ({ problem: { code: "no_delivery", detail } as const });
  const hook = call.options.hooks.find((one) => one.name === name);
  if (site === undefined || hook === undefined) return none(`There is no hook ${name}.`);
  const deliveries = site.recent.of(name).filter((one) => one.requestId === requestId);
  if (deliveries.length === 0) {
    return none(`Of the request ${requestId} no delivery to the hook ${name} is remembered.`);
  }
  // Senders may choose request ids: the newest that was proved counts.
  const kept = deliveries.flatMap((one) => site.recent.keptOf(one) ?? []).at(0);
  if (kept === undefined) {
    return none(
      `The body of this delivery was not kept: the hook ${name} keeps those of proved deliveries of up to 64 Ki characters with the option keepPayloads, and else none.`,
    );
  }
  if (!canSign(hook.from)) {
    return none(
      `The hook ${name} can prove deliveries and not sign them: it has a public key alone.`,
    );
  }
  return { site, hook, kept };
}

async function replay(call: Call, found: Found): Promise<Answer> {
  const { site, hook, kept } = found;
  const name = `hook:${hook.name}` as const;
  const record: RequestRecord = {
    ...newRecord(),
    // As of the delivery itself: a start is known again by it.
    endpoint: name,
    actsAs: name,
    runs: call.record.runs,
    starts: call.record.starts,
    ...(call.traceId !== undefined && { traceId: call.traceId }),
  };
  call.record.actsAs = name;
  // The start takes a slot in the hook's name.
  call.slot.giveBack();
  const request = { id: call.requestId, record, authMetadata: null };
  // Hooks act with their own credential, whoever asks.
  const decided = await withoutAuthMetadata(() => decide(call, found, request));
  if ("problem" in decided) return decided;
  const { outcome, delivery } = decided;
  takeOver(call.record, record);
  const statusCode = statusOf(hook, outcome);
  const elapsedTime = Date.now() - record.startedAt;
  site.deliveries.add({ hook: hook.name, verdict: outcome.verdict });
  noteDelivery(
    site,
    hook,
    request,
    { statusCode, elapsedTime },
    { outcome, delivery },
    { of: pathValue(call, "request_id"), isMasked: kept.isMasked },
  );
  return { body: toBody(outcome, statusCode, kept) };
}

/** What is known of the start, for the line about who asked for it. */
function takeOver(of: RequestRecord, { target, delivery, decision, rule }: RequestRecord): void {
  if (target !== undefined) of.target = target;
  if (delivery !== undefined) of.delivery = delivery;
  if (decision !== "denied") return;
  of.decision = decision;
  if (rule !== undefined) of.rule = rule;
}

type Decided =
  | { readonly outcome: DeliveryOutcome; readonly delivery: RawDelivery }
  | { readonly problem: Problem };

async function decide(
  call: Call,
  { site, hook, kept }: Found,
  request: AskingRequest,
): Promise<Decided> {
  const at = new Date();
  const delivery = toRawDelivery(signDelivery(hook.from, kept.recorded, at), at);
  const reading = hook.from.read(delivery);
  if (reading.kind !== "event") return { outcome: outcomeOf(request.record, reading), delivery };
  const id = givenFlag(call, "as_new") ? `replay-${randomUUID()}` : kept.id;
  if (id === undefined) {
    const detail =
      "This delivery has no id by which its run could be found. Replay it with as_new, which starts a run.";
    return { problem: { code: "invalid_request", detail } };
  }
  request.record.delivery = id;
  const event = { ...reading.event, id };
  return { outcome: await answerEvent(site, hook, request, event, 0), delivery };
}

function toBody(outcome: DeliveryOutcome, status: number, { isMasked }: KeptDelivery): JsonObject {
  const reason = reasonOf(outcome);
  const event = "event" in outcome ? outcome.event : undefined;
  return {
    status,
    verdict: outcome.verdict,
    ...(event?.id !== undefined && { delivery: event.id }),
    ...("run" in outcome && { run: { name: outcome.run.name, url: outcome.run.url } }),
    ...(reason !== undefined && { reason }),
    ...(isMasked && {
      masked: "It is not what came: secrets of the provider were taken out before it was kept.",
    }),
  };
}
