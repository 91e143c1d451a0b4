import type { JsonObject } from "../../shared/json.ts";
import type { Answer, Route } from "../answer-request.ts";
import { type Call, givenText } from "../call.ts";
import { canSign } from "../hooks/can-sign.ts";
import type { HookSite } from "../hooks/hook-site.ts";
import type { RecentDelivery } from "../hooks/recent-deliveries.ts";
import { refuseStranger } from "./inspectors.ts";

/** Payloads of an answer, in characters; those of older deliveries are left out. */
const mostOfBodies = 1024 * 1024;

/** Answers the last deliveries of one hook or of all, the newest first, to an inspector. */
export function createListDeliveries(site: HookSite | undefined): Route {
  return async (call): Promise<Answer> => {
    const refused = await refuseStranger(call);
    if (refused !== undefined) return { problem: refused };
    const name = givenText(call, "hook");
    const { hooks } = call.options;
    if (name !== undefined && hooks.every((hook) => hook.name !== name)) {
      return { problem: { code: "not_found", detail: `There is no hook ${name}.` } };
    }
    return { body: { deliveries: site === undefined ? [] : listOf(site, call, name) } };
  };
}

function listOf(site: HookSite, { options }: Call, name: string | undefined): JsonObject[] {
  const hooks = options.hooks.filter((hook) => name === undefined || hook.name === name);
  const found = hooks.flatMap((hook) => {
    const isSigned = canSign(hook.from);
    return site.recent.of(hook.name).map((delivery) => {
      return { delivery, canReplay: isSigned && site.recent.keptOf(delivery) !== undefined };
    });
  });
  found.sort((one, other) => timeOf(other.delivery) - timeOf(one.delivery));
  let left = mostOfBodies;
  return found.map(({ delivery, canReplay }) => {
    const { body = "" } = delivery;
    left -= body.length;
    return toBody(delivery, canReplay, left >= 0);
  });
}

function timeOf({ receivedAt }: RecentDelivery): number {
  return receivedAt.getTime();
}

function toBody(
  { hook, receivedAt, requestId, verdict, status, durationMs, ...more }: RecentDelivery,
  canReplay: boolean,
  withBody: boolean,
): JsonObject {
  const { reason, id, type, run, body, replayOf } = more;
  return {
    hook,
    received_at: receivedAt.toISOString(),
    request_id: requestId,
    verdict,
    status,
    duration_ms: durationMs,
    ...(reason !== undefined && { reason }),
    ...(id !== undefined && { id }),
    ...(type !== undefined && { type }),
    ...(run !== undefined && { run: { ...run } }),
    ...(body !== undefined && withBody && { body }),
    ...(replayOf !== undefined && { replay_of: replayOf }),
    can_replay: canReplay,
  };
}
