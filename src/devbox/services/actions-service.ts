import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  AbortEnqueuedResponseSchema,
  type ActionsService,
  SignalResponseSchema,
} from "../../idl/actions.ts";
import { watchForUpdates } from "./action-updates.ts";
import { type EnqueueOptions, enqueueAction } from "./enqueue-action.ts";
import { requireAction } from "./find-run.ts";
import { requireSignal, toSimpleLiteral } from "./signal-event.ts";

/**
 * `flyteidl2.actions.ActionsService`: how tasks start actions below themselves and follow them. The state
 * of actions comes from what runs them, so `Update` and `GetLatestState` stay unimplemented.
 */
export function createActionsService(
  options: EnqueueOptions,
): Partial<ServiceImpl<typeof ActionsService>> {
  const { engine } = options;
  return {
    enqueue: (request, context) => enqueueAction(request, context, options),
    watchForUpdates: (request, context) => watchForUpdates(request, context, options),
    abort: async ({ actionId, reason }, context) => {
      const { row, caller } = requireAction(options, actionId, context, "run");
      const text =
        reason?.slice(0, 1000) || "The action that started it does not want it any more.";
      await engine.abort(row, text, caller.subject);
      return create(AbortEnqueuedResponseSchema);
    },
    signal: async (request, context) => {
      const { row, caller } = requireSignal(options, request, context);
      await engine.signal(row, toSimpleLiteral(request.value), caller.subject);
      return create(SignalResponseSchema);
    },
  };
}
