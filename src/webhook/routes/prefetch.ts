import type { TaskDetails, TaskRef } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Answer } from "../answer-request.ts";
import { acting, type Call, givenScope, givenText, reading } from "../call.ts";
import type { Problem } from "../problem.ts";
import { allow, deny } from "../record/decide.ts";
import { beginRun } from "../starting/begin-run.ts";
import { toPlanBody } from "../starting/plan-body.ts";
import type { Start } from "../starting/start.ts";
import { askedOfPrefetch, assertPrefetch, toPrefetch } from "./prefetch-inputs.ts";
import { findTokenSecret } from "./prefetch-token.ts";
import { readIo } from "./runs.ts";

/**
 * Starts a run of the task that fetches models: by reference where that is all that is wanted, else by
 * its specification with the resources and the token of the request.
 */
export async function prefetchModel(call: Call): Promise<Answer> {
  assertPrefetch(call);
  const problem = guardPrefetch(call);
  if (problem !== undefined) return { problem };
  call.record.target = `model ${givenText(call, "repo")}`;
  const details = await findPrefetchTask(call);
  if (details === undefined) return { problem: noTask(call) };
  const { inputs, label, rawDataPrefix, resources } = toPrefetch(call, details);
  const secrets = await findTokenSecret(call, details);
  const isChanged = secrets.length > 0 || Object.keys(resources).length > 0;
  const { runs } = call.controlPlane;
  const start: Start = {
    target: "model",
    payload: askedOfPrefetch(call),
    options: {
      ...acting(call),
      ...givenScope(call),
      labels: { model: label },
      ...(rawDataPrefix !== undefined && { rawDataPrefix }),
      ...(isChanged && { overrides: { resources, secrets } }),
    },
    begin: (options) => runs.start(details, inputs, options),
    plan: (options) => runs.plan(details, inputs, options).then(toPlanBody),
  };
  return beginRun(call, start, ({ name, url, phase, done }) => ({ name, url, phase, done }));
}

/** Why a request to fetch a model is refused by the allowlist. */
export function guardPrefetch(call: Call): Problem | undefined {
  const { prefetchAllowed } = call.options;
  const repo = givenText(call, "repo") ?? "";
  const key = givenText(call, "hf_token_key") ?? "";
  const refused = [
    ...(prefetchAllowed.allowsModel(repo) ? [] : [`Model ${repo}`]),
    ...(key === "" || prefetchAllowed.allowsSecret(key) ? [] : [`Secret ${key}`]),
  ];
  if (refused.length === 0) {
    allow(call.record, prefetchAllowed.isGiven ? "prefetchAllowlist" : "noAllowlist");
    return undefined;
  }
  deny(call.record, "prefetchAllowlist");
  const detail = refused.map((part) => `${part} is not in the allowlist`).join("; ");
  return { code: "not_allowlisted", detail };
}

/** The first task of the options that is registered. */
export async function findPrefetchTask(call: Call): Promise<TaskDetails | undefined> {
  for (const task of call.options.prefetchTasks) {
    try {
      return await call.controlPlane.tasks.get(task, reading(call));
    } catch (error) {
      if (!FlyteError.is(error) || error.code !== "not_found") throw error;
    }
  }
  return undefined;
}

/** A control plane where nobody registered the task cannot fetch models. */
function noTask(call: Call): Problem {
  const places = call.options.prefetchTasks.map((task) => printPlace(call, task));
  return {
    code: "unimplemented",
    detail:
      `Models are fetched by ${places.join(", or by ")}, which is not there. ` +
      "Register it, for example that of flyte.prefetch in Flyte's Python SDK, or name another one in the option prefetchTask.",
  };
}

function printPlace({ controlPlane }: Call, task: TaskRef): string {
  const { name, project = controlPlane.project, domain = controlPlane.domain } = task;
  const version = task.version === undefined ? "" : ` of version ${task.version}`;
  return `the task ${name}${version} in project ${project}, domain ${domain}`;
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
