import { TriggerService } from "../idl/triggers.ts";
import { FlyteError } from "../shared/errors.ts";
import { type CallContext, startCall } from "./call-context.ts";
import type { CallOptions } from "./control-plane.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";
import type { TriggerCalls, TriggerRef, TriggerStatus } from "./trigger-calls.ts";
import { type AskedTrigger, toTriggerStatus } from "./trigger-status.ts";

/** The calls about triggers. */
export function createTriggerCalls(session: Session): TriggerCalls {
  const { channel, options: settings } = session;

  async function read(asked: AskedTrigger, call: CallContext): Promise<TriggerStatus> {
    const input = { name: toTriggerName(session, asked) };
    const { trigger } = await channel.unary(TriggerService.method.getTriggerDetails, input, call);
    return toTriggerStatus(trigger, asked);
  }

  async function toggle(
    ref: TriggerRef,
    active: boolean,
    options: CallOptions | undefined,
  ): Promise<TriggerStatus> {
    const call = startCall(options, settings.timeoutMs);
    const asked = toAskedTrigger(session, ref);
    await read(asked, call);
    const change = { names: [toTriggerName(session, asked)], active };
    await channel.unary(TriggerService.method.updateTriggers, change, call);
    const status = await read(asked, call);
    if (status.active === active) return status;
    throw new FlyteError(
      "conflict",
      `Trigger ${asked.name} of task ${asked.task} is still ${active ? "inactive" : "active"}: ` +
        "the control plane did not take the change, or someone else changed it back.",
    );
  }

  return {
    async get(trigger, options) {
      const call = startCall(options, settings.timeoutMs);
      return read(toAskedTrigger(session, trigger), call);
    },

    activate: (trigger, options) => toggle(trigger, true, options),

    deactivate: (trigger, options) => toggle(trigger, false, options),
  };
}

function toAskedTrigger(session: Session, trigger: TriggerRef): AskedTrigger {
  return {
    ...toScope(session, trigger),
    task: toIdentifier("task name", trigger.task),
    name: toIdentifier("trigger name", trigger.name),
    consoleUrl: session.options.consoleUrl,
  };
}

/** A `flyteidl2.common.TriggerName`. */
function toTriggerName(
  { options }: Session,
  { project, domain, task, name }: AskedTrigger,
): { org: string; project: string; domain: string; name: string; taskName: string } {
  return { org: options.org, project, domain, name, taskName: task };
}
