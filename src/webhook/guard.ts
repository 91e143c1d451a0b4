import type { RunStatus } from "../client/control-plane.ts";
import { FlyteError } from "../shared/errors.ts";
import { type Call, pathValue, reading, resolvedScope, runRef } from "./call.ts";
import type { EndpointName, Fence } from "./endpoint.ts";
import type { Problem } from "./problem.ts";
import { allow, deny } from "./record/decide.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import { swappedScopeHint } from "./swapped-hint.ts";

const selfReferences: Readonly<Partial<Record<EndpointName, string>>> = {
  get_app: "Cannot get status of self",
  activate_app: "Cannot activate self",
  deactivate_app: "Cannot deactivate self",
  call_app: "Cannot call self",
};

function denied(what: string): Problem {
  return { code: "not_allowlisted", detail: `${what} is not in the allowlist` };
}

/** One question that the words of a request have to pass, before anybody is asked. */
export interface NameGuard {
  /** What refuses the request where it does not. */
  readonly rule: "selfReference" | "appAllowlist" | "taskAllowlist" | "triggerAllowlist";
  readonly check: (call: Call) => Problem | undefined;
}

const triggerGuard: NameGuard = { rule: "triggerAllowlist", check: guardTrigger };

/** The questions of each fence, in their order. */
export const nameGuards: Readonly<Record<Fence, readonly NameGuard[]>> = {
  none: [],
  list: [],
  run: [],
  task: [{ rule: "taskAllowlist", check: guardTask }],
  app: [
    { rule: "selfReference", check: guardSelf },
    { rule: "appAllowlist", check: guardApp },
  ],
  trigger: [triggerGuard],
  // It starts a run of the task with inputs of the caller, as run_task does.
  fire: [triggerGuard, { rule: "taskAllowlist", check: guardTaskOfTrigger }],
};

/**
 * What the request's own words already forbid: a reference of the webhook to itself, or a task, app
 * or trigger outside its allowlist. Decided on decoded path parameters, segment by segment.
 */
export function guardNames(call: Call): Problem | undefined {
  const { fence } = call.endpoint;
  for (const { check } of nameGuards[fence]) {
    const problem = check(call);
    if (problem !== undefined) return problem;
  }
  if (fence === "run" && !hidesRuns(call)) allow(call.record, "noAllowlist");
  return undefined;
}

function guardTask(call: Call): Problem | undefined {
  const [domain, project, name] = taskSegments(call);
  const { options } = call;
  const isAllowed = options.taskAllowed(domain, project, name);
  if (decide(call, "taskAllowlist", options.runsFenced, isAllowed)) return undefined;
  return denied(`Task ${domain}/${project}/${name}`);
}

function guardSelf(call: Call): Problem | undefined {
  if (pathValue(call, "name") !== call.options.name) return undefined;
  const detail = selfReferences[call.endpoint.name] ?? "Cannot refer to self";
  return { code: "self_reference", detail };
}

function guardApp(call: Call): Problem | undefined {
  const name = pathValue(call, "name");
  const { options } = call;
  const { domain, project } = resolvedScope(call);
  const isAllowed = options.appAllowed(domain, project, name);
  if (decide(call, "appAllowlist", options.appsListed, isAllowed)) return undefined;
  return denied(`App ${name}`);
}

/** Notes by which list a target is allowed or not. */
function decide(
  { record }: Call,
  list: "taskAllowlist" | "appAllowlist" | "triggerAllowlist",
  isGiven: boolean,
  isAllowed: boolean,
): boolean {
  if (!isAllowed) deny(record, list);
  else if (isGiven) allow(record, list);
  else if (record.decision === undefined) allow(record, "noAllowlist");
  return isAllowed;
}

function guardTrigger(call: Call): Problem | undefined {
  const task = pathValue(call, "task_name");
  const trigger = pathValue(call, "trigger_name");
  const { domain, project } = resolvedScope(call);
  const isAllowed = call.options.triggerAllowed(domain, project, task, trigger);
  if (decide(call, "triggerAllowlist", call.options.triggersListed, isAllowed)) return undefined;
  return denied(`Trigger ${task}/${trigger}`);
}

function guardTaskOfTrigger(call: Call): Problem | undefined {
  const task = pathValue(call, "task_name");
  const { domain, project } = resolvedScope(call);
  const isAllowed = call.options.taskAllowed(domain, project, task);
  if (decide(call, "taskAllowlist", call.options.runsFenced, isAllowed)) return undefined;
  return denied(`Task ${domain}/${project}/${task}`);
}

export function taskSegments(call: Call): readonly [domain: string, project: string, name: string] {
  return [pathValue(call, "domain"), pathValue(call, "project"), pathValue(call, "name")];
}

/** The one answer for a run that does not exist and for one that may not be seen here. */
export function absentRun(call: Call): Problem {
  const hint = swappedScopeHint(call);
  return {
    code: "not_found",
    detail: `Run ${runRef(call).name} not found`,
    ...(hint !== undefined && { hint }),
  };
}

/** Whether some runs answer like absent ones. */
export function hidesRuns({ endpoint, options }: Call): boolean {
  return endpoint.fence === "run" && (options.runsFenced || endpoint.group === "prefetch");
}

/**
 * Whether a run may be seen: one of the task that fetches models where the endpoint is about those,
 * else one of a task in the allowlist. A run of unknown origin may not.
 */
function runAllowed(call: Call, { task }: RunStatus): boolean {
  if (!hidesRuns(call)) return true;
  const { controlPlane, endpoint, options } = call;
  if (endpoint.group !== "prefetch") return taskOfRunAllowed(options, { task });
  if (task === undefined) return false;
  return options.prefetchTasks.some(
    ({ name, project = controlPlane.project, domain = controlPlane.domain }) =>
      task.name === name && task.project === project && task.domain === domain,
  );
}

/** Whether a run is one of a task in the allowlist. */
export function taskOfRunAllowed(
  { taskAllowed }: Pick<ResolvedOptions, "taskAllowed">,
  { task }: Pick<RunStatus, "task">,
): boolean {
  return task !== undefined && taskAllowed(task.domain, task.project, task.name);
}

/** Where models are allowed one by one, their runs are told apart by what they were asked to fetch. */
async function modelAllowed(call: Call): Promise<boolean> {
  const { prefetchAllowed } = call.options;
  if (call.endpoint.group !== "prefetch" || !prefetchAllowed.isGiven) return true;
  const { inputs } = await call.controlPlane.runs.io(runRef(call), reading(call));
  const repo = inputs?.["repo"];
  return typeof repo === "string" && prefetchAllowed.allowsModel(repo);
}

/**
 * Looks a run up before it is touched; undefined for one that may not be seen, which answers exactly
 * like an absent one.
 */
export async function findRun(call: Call): Promise<RunStatus | undefined> {
  try {
    const run = await call.controlPlane.runs.get(runRef(call), reading(call));
    const isRun = runAllowed(call, run);
    if (isRun && (await modelAllowed(call))) {
      if (hidesRuns(call)) allow(call.record, "runFence");
      return run;
    }
    deny(call.record, isRun ? "prefetchAllowlist" : "runFence");
    return undefined;
  } catch (error) {
    // Where runs are hidden, a refusal would tell that there is one.
    if (hidesRuns(call) && FlyteError.is(error) && error.code === "permission_denied") {
      deny(call.record, "controlPlane");
      return;
    }
    throw error;
  }
}

/** Why the run of a request must not be touched; asks only where runs are hidden. */
export async function guardRun(call: Call): Promise<Problem | undefined> {
  if (!hidesRuns(call) || (await findRun(call)) !== undefined) return undefined;
  return absentRun(call);
}
