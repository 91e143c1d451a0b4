import type { TaskDetails } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Answer } from "../answer-request.ts";
import { acting, type Call, givenScope, givenText, reading } from "../call.ts";
import { assertNames, toPrefetch } from "./prefetch-inputs.ts";
import { readIo } from "./runs.ts";

/** Starts a run of the task that fetches models. */
export async function prefetchModel(call: Call): Promise<Answer> {
  assertNames(call);
  const found = await findTask(call);
  if ("problem" in found) return found;
  const { inputs, label } = toPrefetch(call, found.details);
  const rawDataPrefix = givenText(call, "raw_data_path");
  const run = await call.controlPlane.runs.start(found.details, inputs, {
    ...acting(call),
    ...givenScope(call),
    labels: { model: label },
    ...(rawDataPrefix && { rawDataPrefix }),
  });
  const { name, url, phase, done } = run;
  return { body: { name, url, phase, done } };
}

type Found = { readonly details: TaskDetails } | Extract<Answer, { readonly problem: unknown }>;

/** The task of the options: a control plane where nobody registered it cannot fetch models. */
async function findTask(call: Call): Promise<Found> {
  const { controlPlane } = call;
  const task = call.options.prefetchTask;
  try {
    return { details: await controlPlane.tasks.get(task, reading(call)) };
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "not_found") throw error;
    const { project = controlPlane.project, domain = controlPlane.domain } = task;
    const version = task.version === undefined ? "" : ` of version ${task.version}`;
    const detail =
      `Models are fetched by the task ${task.name}${version} in project ${project}, domain ${domain}, which is not there. ` +
      "Register it, for example that of flyte.prefetch in Flyte's Python SDK, or name another one in the option prefetchTask.";
    return { problem: { code: "unimplemented", detail } };
  }
}

/** Reads the inputs and outputs of a prefetch run, and its phase. */
export function getPrefetchIo(call: Call): Promise<Answer> {
  return readIo(call, ({ status, inputs, outputs }) => ({
    name: status.name,
    phase: status.phase,
    inputs,
    outputs,
  }));
}
