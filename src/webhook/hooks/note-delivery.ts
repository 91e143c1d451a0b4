import type { FastifyReply } from "fastify";
import { printFaults } from "../problem.ts";
import type { DecidedDelivery, DeliveryOutcome } from "./delivery-outcome.ts";
import type { AskingRequest, HookSite } from "./hook-site.ts";
import type { RawDelivery } from "./provider.ts";
import type { KeptDelivery, RecentDelivery } from "./recent-deliveries.ts";
import { bodyOf, recordDelivery } from "./recorded-delivery.ts";
import type { ResolvedHook } from "./resolve-hooks.ts";

/** The delivery that is given to its hook again. */
export interface Replay {
  readonly of: string;
  readonly isMasked: boolean;
}

/** Keeps what became of a delivery for those who look at it later, and tells the log. Neither gets its payload. */
export function noteDelivery(
  { options: { logger }, recent }: HookSite,
  hook: ResolvedHook,
  { id: requestId, record }: Pick<AskingRequest, "id" | "record">,
  { statusCode: status, elapsedTime }: Pick<FastifyReply, "statusCode" | "elapsedTime">,
  { outcome, delivery: arrived }: DecidedDelivery,
  replay?: Replay,
): void {
  const { verdict } = outcome;
  const event = "event" in outcome ? outcome.event : undefined;
  const run = "run" in outcome ? outcome.run : undefined;
  const reason = reasonOf(outcome);
  const kept = keep(hook, outcome, arrived, replay);
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
    ...(kept !== undefined && { body: new TextDecoder().decode(bodyOf(kept.recorded)) }),
    ...(replay !== undefined && { replayOf: replay.of }),
  };
  const noted = recent.add(delivery, kept);
  if (logger === undefined) return;
  const { body: _, receivedAt: __, durationMs: ___, run: started, ...told } = noted;
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

/** What it takes to give a delivery to its hook again, where the hook keeps that. */
function keep(
  { from, keepPayloads }: ResolvedHook,
  outcome: DeliveryOutcome,
  arrived: RawDelivery | undefined,
  replay: Replay | undefined,
): KeptDelivery | undefined {
  const event = "event" in outcome ? outcome.event : undefined;
  if (!keepPayloads || event === undefined || arrived === undefined) return undefined;
  const recorded = recordDelivery(from, arrived);
  const isChanged = !Buffer.from(arrived.body).equals(bodyOf(recorded));
  return { recorded, id: event.id, isMasked: isChanged || replay?.isMasked === true };
}

/** Why a delivery was ignored, refused or failed, as far as its sender may know it. */
export function reasonOf(outcome: DeliveryOutcome): string | undefined {
  if (outcome.verdict === "answered") return outcome.what;
  if ("reason" in outcome) return outcome.reason;
  if (!("problem" in outcome)) return undefined;
  const { detail, faults = [] } = outcome.problem;
  return faults.length === 0 ? detail : `${detail} ${printFaults(faults)}`;
}
