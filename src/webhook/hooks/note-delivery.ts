import type { FastifyReply, FastifyRequest } from "fastify";
import { printFaults } from "../problem.ts";
import type { DecidedDelivery, DeliveryOutcome } from "./delivery-outcome.ts";
import type { HookSite } from "./hook-site.ts";
import type { RawDelivery } from "./provider.ts";
import type { RecentDelivery } from "./recent-deliveries.ts";
import type { ResolvedHook } from "./resolve-hooks.ts";

/** Keeps what became of a delivery for those who look at it later, and tells the log. Neither gets its payload. */
export function noteDelivery(
  { options: { logger }, recent }: HookSite,
  hook: ResolvedHook,
  { id: requestId, record }: FastifyRequest,
  { statusCode: status, elapsedTime }: FastifyReply,
  { outcome, delivery: arrived }: DecidedDelivery,
): void {
  const { verdict } = outcome;
  const event = "event" in outcome ? outcome.event : undefined;
  const run = "run" in outcome ? outcome.run : undefined;
  const reason = reasonOf(outcome);
  const delivery: RecentDelivery = {
    hook: hook.name,
    receivedAt: new Date(record.startedAt),
    requestId,
    verdict,
    status,
    durationMs: Math.round(elapsedTime * 10) / 10,
    ...(reason !== undefined && { reason }),
    ...(event?.id !== undefined && { id: event.id }),
    ...(event !== undefined && { type: event.type }),
    ...(run !== undefined && {
      run: { project: run.project, domain: run.domain, name: run.name, url: run.url },
    }),
    ...(hook.keepPayloads && event !== undefined && { body: bodyText(hook, arrived) }),
  };
  const kept = recent.add(delivery);
  if (logger === undefined) return;
  const { body: _, receivedAt: __, durationMs: ___, run: started, ...told } = kept;
  const isBad = verdict === "bad_signature" || verdict === "malformed" || verdict === "failed";
  logger[isBad ? "warn" : "info"](
    {
      ...told,
      ...(started !== undefined && { run: started.name }),
      // Which of the secrets it was: while they change, the old one can go when it is seen no more.
      ...(event !== undefined && { secret: event.secret }),
    },
    "delivery",
  );
}

function bodyText({ from }: ResolvedHook, arrived: RawDelivery | undefined): string {
  return new TextDecoder().decode(from.withoutSecrets(arrived?.body ?? new Uint8Array()));
}

function reasonOf(outcome: DeliveryOutcome): string | undefined {
  if (outcome.verdict === "answered") return outcome.what;
  if ("reason" in outcome) return outcome.reason;
  if (!("problem" in outcome)) return undefined;
  const { detail, faults = [] } = outcome.problem;
  return faults.length === 0 ? detail : `${detail} ${printFaults(faults)}`;
}
