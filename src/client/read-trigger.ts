import { type TriggerDetails, TriggerService } from "../idl/triggers.ts";
import type { CallContext } from "./call-context.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";
import type { TriggerRef } from "./trigger-calls.ts";
import type { AskedTrigger } from "./trigger-status.ts";

/** A trigger by name, with the project and domain it is looked for in. */
export function toAskedTrigger(session: Session, trigger: TriggerRef): AskedTrigger {
  return {
    ...toScope(session, trigger),
    task: toIdentifier("task name", trigger.task),
    name: toIdentifier("trigger name", trigger.name),
    consoleUrl: session.options.consoleUrl,
  };
}

/** A `flyteidl2.common.TriggerName`. */
export function toTriggerName(
  { options }: Session,
  { project, domain, task, name }: Omit<AskedTrigger, "consoleUrl">,
): { org: string; project: string; domain: string; name: string; taskName: string } {
  return { org: options.org, project, domain, name, taskName: task };
}

/** @throws FlyteError `not_found` when there is no such trigger */
export async function readTrigger(
  session: Session,
  asked: AskedTrigger,
  call: CallContext,
): Promise<TriggerDetails | undefined> {
  const input = { name: toTriggerName(session, asked) };
  const { getTriggerDetails } = TriggerService.method;
  return (await session.channel.unary(getTriggerDetails, input, call)).trigger;
}
