import type { Route } from "../answer-request.ts";
import type { AppCaller } from "../call-app/app-caller.ts";
import type { EndpointName } from "../endpoint.ts";
import type { HookSite } from "../hooks/hook-site.ts";
import { describeWebhook } from "../inspect/describe-webhook.ts";
import { explainDecision } from "../inspect/explain-decision.ts";
import { listAudit } from "../inspect/list-audit.ts";
import { createListDeliveries } from "../inspect/list-deliveries.ts";
import { createReplayDelivery } from "../inspect/replay-kept-delivery.ts";
import type { LiveStreams } from "../live/live-streams.ts";
import { activateApp, deactivateApp, getApp } from "./apps.ts";
import { createCallApp } from "./call-app.ts";
import { getConditions, signalCondition } from "./conditions.ts";
import { health, me } from "./core.ts";
import { buildImage } from "./images.ts";
import { listApps, listRuns, listTasks, listTriggers } from "./lists.ts";
import { createGetRunEvents, createGetRunLogs } from "./live.ts";
import { metrics, ready } from "./ops.ts";
import { getPrefetchIo, prefetchModel } from "./prefetch.ts";
import { rerunRun } from "./rerun.ts";
import { runTasks } from "./run-tasks.ts";
import { abortRun, getRun, getRunIo } from "./runs.ts";
import { createSignalLink } from "./signal-links.ts";
import { getTask, runTask } from "./tasks.ts";
import { activateTrigger, deactivateTrigger, fireTrigger } from "./triggers.ts";

/** The work of every endpoint. */
export function createRoutes(
  caller: AppCaller,
  streams: LiveStreams,
  site: HookSite | undefined,
): Readonly<Record<EndpointName, Route>> {
  return {
    health,
    me,
    run_task: runTask,
    get_task: getTask,
    get_run: getRun,
    get_run_io: getRunIo,
    abort_run: abortRun,
    get_app: getApp,
    activate_app: activateApp,
    deactivate_app: deactivateApp,
    call_app: createCallApp(caller),
    activate_trigger: activateTrigger,
    deactivate_trigger: deactivateTrigger,
    fire_trigger: fireTrigger,
    run_task_and_wait: runTask,
    get_conditions: getConditions,
    signal_condition: signalCondition,
    create_signal_link: createSignalLink,
    get_run_events: createGetRunEvents(streams),
    get_run_logs: createGetRunLogs(streams),
    rerun_run: rerunRun,
    run_tasks: runTasks,
    list_runs: listRuns,
    list_tasks: listTasks,
    list_apps: listApps,
    list_triggers: listTriggers,
    ready,
    metrics,
    build_image: buildImage,
    prefetch_hf_model: prefetchModel,
    get_prefetch_hf_model: getRun,
    get_prefetch_hf_model_io: getPrefetchIo,
    abort_prefetch_hf_model: abortRun,
    inspect: describeWebhook,
    inspect_decision: explainDecision,
    inspect_deliveries: createListDeliveries(site),
    replay_delivery: createReplayDelivery(site),
    inspect_audit: listAudit,
  };
}
