import type { RunStatus } from "../client/control-plane.ts";
import { type Call, pathValue, reading, runRef } from "./call.ts";
import type { EndpointName } from "./endpoint.ts";
import type { Problem } from "./problem.ts";

const selfReferences: Readonly<Partial<Record<EndpointName, string>>> = {
  get_app: "Cannot get status of self",
  activate_app: "Cannot activate self",
  deactivate_app: "Cannot deactivate self",
  call_app: "Cannot call self",
};

function denied(what: string): Problem {
  return { code: "not_allowlisted", detail: `${what} is not in the allowlist` };
}

/**
 * What the request's own words already forbid: a reference of the webhook to itself, or a task, app
 * or trigger outside its allowlist. Decided on decoded path parameters, segment by segment.
 */
export function guardNames(call: Call): Problem | undefined {
  const { options } = call;
  switch (call.endpoint.fence) {
    case "task": {
      const [domain, project, name] = taskSegments(call);
      if (options.taskAllowed(domain, project, name)) return undefined;
      return denied(`Task ${domain}/${project}/${name}`);
    }
    case "app": {
      const name = pathValue(call, "name");
      if (name === options.name) {
        return {
          code: "self_reference",
          detail: selfReferences[call.endpoint.name] ?? "Cannot refer to self",
        };
      }
      return options.appAllowed(name) ? undefined : denied(`App ${name}`);
    }
    case "trigger": {
      const task = pathValue(call, "task_name");
      const trigger = pathValue(call, "trigger_name");
      if (options.triggerAllowed(task, trigger)) return undefined;
      return denied(`Trigger ${task}/${trigger}`);
    }
    default:
      return undefined;
  }
}

export function taskSegments(call: Call): readonly [domain: string, project: string, name: string] {
  return [pathValue(call, "domain"), pathValue(call, "project"), pathValue(call, "name")];
}

/** The one answer for a run that does not exist and for one that is outside the task allowlist. */
export function absentRun(call: Call): Problem {
  return { code: "not_found", detail: `Run ${runRef(call).name} not found` };
}

/** Whether the task allowlist lets a run be seen. A run of unknown origin is not. */
export function runAllowed(call: Call, run: RunStatus): boolean {
  if (!call.options.runsFenced) return true;
  const { task } = run;
  return task !== undefined && call.options.taskAllowed(task.domain, task.project, task.name);
}

/**
 * Looks a run up before it is touched when there is a task allowlist: runs of other tasks answer
 * exactly like absent ones.
 */
export async function guardRun(call: Call): Promise<Problem | undefined> {
  if (!call.options.runsFenced) return undefined;
  const run = await call.controlPlane.runs.get(runRef(call), reading(call));
  return runAllowed(call, run) ? undefined : absentRun(call);
}
