import { TriggerService } from "../idl/triggers.ts";
import { FlyteError } from "../shared/errors.ts";
import { type CallContext, startCall } from "./call-context.ts";
import type { CallOptions } from "./control-plane.ts";
import { deployTrigger } from "./deploy-trigger.ts";
import { readPageOptions, toListPage } from "./list-pages.ts";
import { listTriggerRevisions, listTriggers, readTriggerPage } from "./list-triggers.ts";
import { prepareFire } from "./prepare-fire.ts";
import { readTrigger, toAskedTrigger, toTriggerName } from "./read-trigger.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";
import { planPrepared, startPrepared } from "./start-run.ts";
import type { TaskCache } from "./task-cache.ts";
import type { TriggerCalls, TriggerRef, TriggerStatus } from "./trigger-calls.ts";
import { type AskedTrigger, toTriggerStatus } from "./trigger-status.ts";

/** The calls about triggers. */
export function createTriggerCalls(session: Session, cache: TaskCache): TriggerCalls {
  const { channel, options: settings } = session;
  const start = (options: CallOptions | undefined): CallContext =>
    startCall(options, settings.timeoutMs);

  async function read(asked: AskedTrigger, call: CallContext): Promise<TriggerStatus> {
    return toTriggerStatus(await readTrigger(session, asked, call), asked);
  }

  async function toggle(
    ref: TriggerRef,
    active: boolean,
    options: CallOptions | undefined,
  ): Promise<TriggerStatus> {
    const call = start(options);
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
      return read(toAskedTrigger(session, trigger), start(options));
    },

    async list({ task, ...given } = {}, options) {
      const scope = toScope(session, given);
      if (task !== undefined) toIdentifier("task name", task);
      return listTriggers(session, { scope, task, limit: options?.limit }, start(options));
    },

    async page({ task, ...given } = {}, options = {}) {
      const scope = toScope(session, given);
      if (task !== undefined) toIdentifier("task name", task);
      const asked = readPageOptions(options);
      const listing = { scope, task, ...asked };
      return toListPage(await readTriggerPage(session, listing, start(options)), asked.token);
    },

    async deploy(wanted, options) {
      const asked = toAskedTrigger(session, wanted);
      const parts = { asked, wanted, call: start(options) };
      return toTriggerStatus(await deployTrigger(session, cache, parts), asked);
    },

    activate: (trigger, options) => toggle(trigger, true, options),

    deactivate: (trigger, options) => toggle(trigger, false, options),

    async delete(trigger, options) {
      const names = [toTriggerName(session, toAskedTrigger(session, trigger))];
      try {
        await channel.unary(TriggerService.method.deleteTriggers, { names }, start(options));
      } catch (error) {
        if (!FlyteError.is(error) || error.code !== "not_found") throw error;
      }
    },

    async history(trigger, options) {
      const asked = toAskedTrigger(session, trigger);
      return listTriggerRevisions(session, asked, options?.limit, start(options));
    },

    async fire(trigger, inputs = {}, options = {}) {
      const asked = toAskedTrigger(session, trigger);
      const call = start(options);
      const prepared = await prepareFire(session, cache, { asked, inputs, options, call });
      return startPrepared(session, prepared, call);
    },

    async plan(trigger, inputs = {}, options = {}) {
      const asked = toAskedTrigger(session, trigger);
      const call = start(options);
      const prepared = await prepareFire(session, cache, { asked, inputs, options, call });
      return planPrepared(session, prepared, call);
    },
  };
}
