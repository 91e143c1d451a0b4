import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  AbortActionResponseSchema,
  AbortRunResponseSchema,
  GetActionDataURIsResponseSchema,
  GetActionDetailsResponseSchema,
  GetActionLogContextResponseSchema,
  GetRunDetailsResponseSchema,
  type RunService,
} from "../../idl/runs.ts";
import { FlyteError } from "../../shared/errors.ts";
import { findOutputsUri, listActionEvents } from "../store/action-events.ts";
import { toActionDetails, toRunDetails } from "./action-messages.ts";
import { type CreateRunOptions, createRun } from "./create-run.ts";
import { type FoundAction, requireAction, requireRun } from "./find-run.ts";
import { toLogContext } from "./log-context.ts";
import { listActions, listRuns } from "./run-lists.ts";
import { watchActionDetails, watchActions, watchRunDetails, watchRuns } from "./run-watches.ts";

const maxReasonLength = 1000;

/**
 * `flyteidl2.workflow.RunService`. Watches of groups and of cluster events have nothing to tell here
 * and stay unimplemented, as `GetActionData` does, which lives in the data proxy.
 */
export function createRunService(
  options: CreateRunOptions,
): Partial<ServiceImpl<typeof RunService>> {
  const { database, engine } = options;

  /** An action that has ended stays as it ended; asking again is no error. */
  async function abort({ row, caller }: FoundAction, reason: string): Promise<void> {
    const text = reason.slice(0, maxReasonLength) || "User requested abort";
    await engine.abort(row, text, caller.subject);
  }

  return {
    createRun: (request, context) => createRun(request, context, options),
    abortRun: async ({ runId, reason }, context) => {
      await abort(requireRun(options, runId, context, "run"), reason ?? "");
      return create(AbortRunResponseSchema);
    },
    abortAction: async ({ actionId, reason }, context) => {
      await abort(requireAction(options, actionId, context, "run"), reason);
      return create(AbortActionResponseSchema);
    },
    getRunDetails: ({ runId }, context) => {
      const { row } = requireRun(options, runId, context);
      return create(GetRunDetailsResponseSchema, { details: toRunDetails(database, row) });
    },
    getActionDetails: ({ actionId }, context) => {
      const { row } = requireAction(options, actionId, context);
      return create(GetActionDetailsResponseSchema, { details: toActionDetails(database, row) });
    },
    getActionDataURIs: ({ actionId }, context) => {
      const { row } = requireAction(options, actionId, context);
      return create(GetActionDataURIsResponseSchema, {
        inputsUri: row.inputs_uri,
        outputsUri: findOutputsUri(database, row.id) ?? "",
      });
    },
    getActionLogContext: ({ actionId, attempt }, context) => {
      const { row } = requireAction(options, actionId, context);
      const events = listActionEvents(database, row.id);
      if (!events.some((event) => event.attempt === attempt)) {
        throw new FlyteError("not_found", `attempt ${attempt} has not started`);
      }
      return create(GetActionLogContextResponseSchema, { logContext: toLogContext(row, attempt) });
    },
    listRuns: (request, context) => listRuns(request, context, options),
    listActions: (request, context) => listActions(request, context, options),
    watchActionDetails: (request, context) => watchActionDetails(request, context, options),
    watchRunDetails: (request, context) => watchRunDetails(request, context, options),
    watchRuns: (request, context) => watchRuns(request, context, options),
    watchActions: (request, context) => watchActions(request, context, options),
  };
}
