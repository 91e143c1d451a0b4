import type { Route } from "../answer-request.ts";
import type { AppCaller } from "../call-app/app-caller.ts";
import type { EndpointName } from "../endpoint.ts";
import { activateApp, deactivateApp, getApp } from "./apps.ts";
import { createCallApp } from "./call-app.ts";
import { getConditions, signalCondition } from "./conditions.ts";
import { health, me } from "./core.ts";
import { buildImage } from "./images.ts";
import { getPrefetchIo, prefetchModel } from "./prefetch.ts";
import { abortRun, getRun, getRunIo } from "./runs.ts";
import { createSignalLink } from "./signal-links.ts";
import { getTask, runTask } from "./tasks.ts";
import { activateTrigger, deactivateTrigger, fireTrigger } from "./triggers.ts";

/** The work of every endpoint. */
export function createRoutes(caller: AppCaller): Readonly<Record<EndpointName, Route>> {
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
    get_conditions: getConditions,
    signal_condition: signalCondition,
    create_signal_link: createSignalLink,
    build_image: buildImage,
    prefetch_hf_model: prefetchModel,
    get_prefetch_hf_model: getRun,
    get_prefetch_hf_model_io: getPrefetchIo,
    run_task_and_wait: runTask,
    abort_prefetch_hf_model: abortRun,
  };
}
