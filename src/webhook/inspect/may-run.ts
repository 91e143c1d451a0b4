import type { Scope } from "../../client/control-plane.ts";
import { assertMayUpload } from "../../client/upload.ts";
import { FlyteError } from "../../shared/errors.ts";
import { type Call, givenScope, reading, resolvedScope } from "../call.ts";
import type { Endpoint } from "../endpoint.ts";
import { findRun, taskSegments } from "../guard.ts";
import { isBuildNeeded } from "../routes/images.ts";
import { findPrefetchTask } from "../routes/prefetch.ts";
import { allowed, type Finding, notAsked, type Question, refused, wordsOf } from "./finding.ts";

/** Tasks of the control plane itself: for everybody who may run something where the run is to be. */
const ownProject = "system";

/** What is left once the target was read: whether the caller may do with it what the endpoint does. */
export function ofAct(asked: Endpoint, call: Call): readonly Question[] {
  const { method, parameters, fence, name } = asked;
  if (method === "GET" || (fence === "none" && !/^(?:build|prefetch|run_tasks)/.test(name))) {
    return [];
  }
  // What starts runs checks inputs with `dry_run`.
  if (!parameters.some((parameter) => parameter.name === "dry_run")) {
    const detail = "Whether the control plane lets the caller change it is known when it is tried.";
    return [{ rule: "controlPlane", ask: () => notAsked(detail) }];
  }
  const left =
    "Whether the control plane takes the inputs and starts the run is known when it is tried; what it was asked for is the right to upload inputs. dry_run checks the inputs.";
  return [
    { rule: "controlPlane", ask: () => mayRun(call) },
    { rule: "controlPlane", ask: () => notAsked(left) },
  ];
}

/** Whether the caller may run where the run would be, and where its task is if that is elsewhere. */
async function mayRun(call: Call): Promise<Finding | readonly Finding[]> {
  try {
    const start = await findStart(call);
    if ("outcome" in start) return start;
    const { lands, task = lands } = start;
    const first = await mayRunIn(call, lands, "the run would be");
    const isOne = task.project === lands.project && task.domain === lands.domain;
    if (first.outcome === "refused" || isOne || task.project === ownProject) return first;
    return [first, await mayRunIn(call, task, "the task is")];
  } catch (error) {
    return notAsked(`Whether the caller may run it cannot be asked: ${reasonOf(call, error)}`);
  }
}

interface Start {
  /** Where the run would be. */
  readonly lands: Scope;
  /** Where its task is, if there is one. */
  readonly task?: Scope;
}

/** Where a start would begin its run, by the rules of its endpoint. */
async function findStart(call: Call): Promise<Start | Finding> {
  const { controlPlane, endpoint, options } = call;
  const own = resolvedScope(call);
  switch (endpoint.name) {
    case "run_tasks":
      return notAsked("It depends on the tasks: ask with the name of one.");
    case "build_image":
      return (await isBuildNeeded(call))
        ? { lands: own }
        : allowed("No run is needed: the image is there.");
    case "prefetch_hf_model": {
      const task = await findPrefetchTask(call);
      if (task === undefined) return notAsked("The task that fetches models is not there.");
      const { project, domain } = controlPlane;
      return { lands: orElse({ project, domain, ...givenScope(call) }, task), task };
    }
    case "rerun_run": {
      const task = (await findRun(call))?.task;
      return { lands: own, ...(task !== undefined && { task }) };
    }
    case "fire_trigger":
      return { lands: own };
    default: {
      const [domain, project] = taskSegments(call);
      const task = { project, domain };
      return { lands: options.runScope === "task" ? task : orElse(controlPlane, task), task };
    }
  }
}

type OpenScope = { readonly [Part in keyof Scope]?: string | undefined };

function orElse(given: OpenScope, { project, domain }: Scope): Scope {
  return { project: given.project ?? project, domain: given.domain ?? domain };
}

/**
 * Who starts a run uploads its inputs first. To ask for an address to upload to needs the same right, and changes
 * nothing.
 */
async function mayRunIn(call: Call, scope: Scope, what: string): Promise<Finding> {
  const place = `${scope.project}/${scope.domain}`;
  try {
    await assertMayUpload(call.controlPlane, scope, reading(call));
    return allowed(
      `May run in ${place}, where ${what}: the control plane lets the caller upload inputs there.`,
    );
  } catch (error) {
    if (FlyteError.is(error) && (error.code === "permission_denied" || error.code === "not_found"))
      return refused(wordsOf(call, error));
    const reason = reasonOf(call, error);
    return notAsked(
      `Whether the caller may run in ${place}, where ${what}, cannot be asked: ${reason}`,
    );
  }
}

/** @throws the error where it is the end of the question itself */
function reasonOf(call: Call, error: unknown): string {
  if (!FlyteError.is(error) || error.code === "unauthenticated") throw error;
  return wordsOf(call, error);
}
