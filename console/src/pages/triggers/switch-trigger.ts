import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import type { TriggerDetails } from "../../../../src/idl/triggers.ts";
import { triggers } from "../../control-plane/clients.ts";
import { toIdentityName } from "../../text/identity-name.ts";
import { type TriggerKey, toTriggerName } from "./trigger-row.ts";

export interface SwitchTrigger extends TriggerKey {
  /** What it has to be. */
  readonly isActive: boolean;
  /** The revision that is shown: what somebody else has changed since then is shown first. */
  readonly revision: bigint;
}

/**
 * Switches a trigger on or off. Control planes take no revision with it, and answer nothing: it is read before and
 * after.
 *
 * @throws ConnectError `aborted` where it is not what was shown, or not what it had to be afterwards
 */
export async function switchTrigger(wanted: SwitchTrigger): Promise<void> {
  const name = toTriggerName(wanted);
  const before = await triggers.getTriggerDetails({ name });
  if (before.trigger?.id?.revision !== wanted.revision) throw changed(before.trigger);
  await triggers.updateTriggers({ names: [name], active: wanted.isActive });
  const after = await triggers.getTriggerDetails({ name });
  if (after.trigger?.spec?.active !== wanted.isActive) throw changed(after.trigger);
}

function changed(trigger: TriggerDetails | undefined): ConnectError {
  const who = toIdentityName(trigger?.metadata?.updatedBy) ?? "Somebody";
  const updatedAt = trigger?.status?.updatedAt;
  const when = updatedAt === undefined ? "" : ` at ${toClock(timestampMs(updatedAt))}`;
  const state = trigger?.spec?.active === true ? "on" : "off";
  return new ConnectError(
    `${who} changed the trigger${when}: it is ${state} now, revision ${trigger?.id?.revision ?? "unknown"}. ` +
      "Look at what is shown now, and switch it again if you still want to.",
    Code.Aborted,
  );
}

function toClock(at: number): string {
  return new Date(at).toLocaleTimeString();
}
