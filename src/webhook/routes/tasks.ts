import type { RunOptions, Scope, TaskDetails, TaskRef } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { isJsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { acting, type Call, givenText, reading } from "../call.ts";
import { taskSegments } from "../guard.ts";
import type { Problem } from "../problem.ts";
import { beginRun } from "../starting/begin-run.ts";
import { toPlanBody } from "../starting/plan-body.ts";
import { swappedPathHint } from "../swapped-hint.ts";

function taskRef(call: Call): TaskRef & Scope {
  const [domain, project, name] = taskSegments(call);
  const version = givenText(call, "version");
  return { domain, project, name, ...(version !== undefined && { version }) };
}

type Found = { readonly details: TaskDetails } | { readonly problem: Problem };

/** The version of the task the path and query name. */
export async function findTask(call: Call): Promise<Found> {
  const task = taskRef(call);
  try {
    return { details: await call.controlPlane.tasks.get(task, reading(call)) };
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "not_found") throw error;
    const { domain, project, name, version = "latest" } = task;
    const hint = swappedPathHint(task);
    return {
      problem: {
        code: "not_found",
        detail: `Task ${name} with version ${version} in ${domain}/${project} not found`,
        ...(hint !== undefined && { hint }),
      },
    };
  }
}

/** Starts a run of a task with the body as its inputs. */
export async function runTask(call: Call): Promise<Answer> {
  const found = await findTask(call);
  if ("problem" in found) return found;
  const { details } = found;
  const { runs } = call.controlPlane;
  const inputs = isJsonObject(call.body) ? call.body : {};
  const start = {
    target: `task ${taskSegments(call).join("/")}`,
    payload: { version: givenText(call, "version") ?? null, inputs },
    options: { ...acting(call), ...runScope(call, details) },
    begin: (options: RunOptions) => runs.start(details, inputs, options),
    plan: (options: RunOptions) => runs.plan(details, inputs, options).then(toPlanBody),
  };
  return beginRun(call, start, ({ url, name }) => ({ url, name }));
}

/** Where the run of a task lives. */
function runScope({ options }: Call, { project, domain }: Scope): Partial<Scope> {
  return options.runScope === "task" ? { project, domain } : {};
}

/** Describes a version of a task. */
export async function getTask(call: Call): Promise<Answer> {
  const found = await findTask(call);
  if ("problem" in found) return found;
  const { details } = found;
  return {
    body: {
      name: details.name,
      version: details.version,
      task_type: details.taskType,
      required_args: details.requiredInputs,
      default_input_args: details.defaultInputs,
      cache: {
        behavior: details.cache.behavior,
        version_override: details.cache.versionOverride,
        serialize: details.cache.serialize,
      },
      secrets: details.secrets,
    },
  };
}
