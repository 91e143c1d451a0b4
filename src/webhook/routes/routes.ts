import type { Route } from "../answer-request.ts";
import type { Call } from "../call.ts";
import type { EndpointName } from "../endpoint.ts";
import { health, me } from "./core.ts";
import { abortRun, getRun, getRunIo } from "./runs.ts";
import { getTask, runTask } from "./tasks.ts";

const built: Readonly<Partial<Record<EndpointName, Route>>> = {
  health,
  me,
  run_task: runTask,
  get_task: getTask,
  get_run: getRun,
  get_run_io: getRunIo,
  abort_run: abortRun,
};

/** Whether an endpoint does its work in this version. */
export function isBuilt(name: EndpointName): boolean {
  return built[name] !== undefined;
}

/** The work of an endpoint; one that is not built yet answers that it is not. */
export function routeOf(name: EndpointName): Route {
  return built[name] ?? notBuilt;
}

async function notBuilt(call: Call): ReturnType<Route> {
  const detail = `The endpoint ${call.endpoint.name} is not available in this version.`;
  return { problem: { code: "unimplemented", detail } };
}
