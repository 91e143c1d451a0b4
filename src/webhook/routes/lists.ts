import type { AppStatus } from "../../client/app-calls.ts";
import { appPhases } from "../../client/app-status.ts";
import type { RunStatus, TaskSummary } from "../../client/control-plane.ts";
import type { ListPage, PageOptions } from "../../client/page-options.ts";
import type { RunFilter } from "../../client/run-calls.ts";
import type { TriggerSummary } from "../../client/trigger-calls.ts";
import type { JsonObject } from "../../shared/json.ts";
import { phases } from "../../values/phases.ts";
import type { Answer } from "../answer-request.ts";
import { type Call, givenScope, givenText, reading } from "../call.ts";
import { taskOfRunAllowed } from "../guard.ts";
import { toTime } from "../to-time.ts";
import { givenPhases, givenTime } from "./list-filters.ts";

/**
 * Where an allowlist leaves out what a page of the control plane has, further ones are asked for; so many in all. The
 * page is shorter than its limit then, and says where to go on.
 */
const mostPages = 5;

const knownAppPhases = appPhases.filter((phase) => phase !== "unspecified");

/** Lists runs, newest first. */
export function listRuns(call: Call): Promise<Answer> {
  const { options } = call;
  const { taskNames } = options;
  const asked = givenText(call, "task");
  // The control plane leaves the others out: pages and their ends would tell how many there are.
  const task = asked ?? (isShort(taskNames) ? taskNames : undefined);
  const filter: RunFilter = {
    ...givenPhases(call, phases),
    ...givenTime(call, "since"),
    ...givenTime(call, "until"),
    ...(task !== undefined && { task }),
    ...given(call, "owner"),
  };
  const { runs } = call.controlPlane;
  return answerPage(call, "runs", {
    isEmpty: taskNames?.every((name) => asked !== undefined && name !== asked) ?? false,
    page: (asked) => runs.page(givenScope(call), { ...filter, ...asked }),
    allows: (run) => !options.runsFenced || taskOfRunAllowed(options, run),
    toBody: toRunBody,
  });
}

/** Control planes take so many values of a filter. */
function isShort(names: readonly string[] | undefined): boolean {
  return names !== undefined && names.length > 0 && names.length <= 100;
}

/** Lists tasks in their newest versions. */
export function listTasks(call: Call): Promise<Answer> {
  const { tasks } = call.controlPlane;
  const { taskNames } = call.options;
  const part = givenText(call, "name")?.toLowerCase() ?? "";
  return answerPage(call, "tasks", {
    isEmpty: taskNames?.every((name) => !name.toLowerCase().includes(part)) ?? false,
    page: (asked) => tasks.page(givenScope(call), { ...given(call, "name"), ...asked }),
    allows: ({ domain, project, name }) => call.options.taskAllowed(domain, project, name),
    toBody: ({ project, domain, name, version, deployedAt }: TaskSummary) => ({
      ...{ project, domain, name, version },
      deployed_at: toTime(deployedAt),
    }),
  });
}

/** Lists apps, newest first. */
export function listApps(call: Call): Promise<Answer> {
  const { apps } = call.controlPlane;
  const filter = givenPhases(call, knownAppPhases);
  return answerPage(call, "apps", {
    page: (asked) => apps.page(givenScope(call), { ...filter, ...asked }),
    allows: ({ domain, project, name }) => call.options.appAllowed(domain, project, name),
    toBody: toAppBody,
  });
}

/** Lists triggers, active ones first. */
export function listTriggers(call: Call): Promise<Answer> {
  const { triggers } = call.controlPlane;
  const scope = { ...givenScope(call), ...given(call, "task") };
  return answerPage(call, "triggers", {
    page: (asked) => triggers.page(scope, asked),
    allows: ({ domain, project, task, name }) =>
      call.options.triggerAllowed(domain, project, task, name),
    toBody: toTriggerBody,
  });
}

function toRunBody(run: RunStatus): JsonObject {
  const { name, project, domain, phase, done, url, task, owner, attempts } = run;
  return {
    ...{ name, project, domain, phase, done, url, task: task === undefined ? null : { ...task } },
    ...{ owner: owner ?? null, attempts },
    started_at: toTime(run.startedAt),
    ended_at: toTime(run.endedAt),
  };
}

function toAppBody(app: AppStatus): JsonObject {
  const { name, project, domain, revision, phase, isActive, isDeactivated } = app;
  const { endpoint, url, replicas } = app;
  const states = { is_active: isActive, is_deactivated: isDeactivated };
  return { name, project, domain, revision, phase, ...states, endpoint, url, replicas };
}

function toTriggerBody(trigger: TriggerSummary): JsonObject {
  const { task, name, project, domain, active, schedule, url } = trigger;
  return {
    ...{ task_name: task, trigger_name: name, project, domain, active },
    schedule: schedule ?? null,
    next_fire_at: toTime(trigger.nextFireAt),
    last_fired_at: toTime(trigger.lastFiredAt),
    url,
  };
}

function given<Name extends string>(call: Call, name: Name): { readonly [Key in Name]?: string } {
  const value = givenText(call, name);
  // Made of the one name.
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: string };
}

interface Listing<Item> {
  /**
   * Whether nothing that is asked for may be touched: the control plane is asked all the same, for the credential, and
   * how much it has is not told.
   */
  readonly isEmpty?: boolean;
  page(options: PageOptions): Promise<ListPage<Item>>;
  /** Whether the webhook lets callers touch it. */
  allows(item: Item): boolean;
  toBody(item: Item): JsonObject;
}

async function answerPage<Item>(
  call: Call,
  name: string,
  { isEmpty = false, page, allows, toBody }: Listing<Item>,
): Promise<Answer> {
  const limit = Number(call.parameters["limit"]);
  let next = givenText(call, "after");
  const items: JsonObject[] = [];
  for (let pages = 0; pages < mostPages; pages++) {
    const asked = { limit: limit - items.length, ...(next !== undefined && { after: next }) };
    const told = await page({ ...reading(call), ...asked });
    items.push(...told.items.filter(allows).map(toBody));
    next = isEmpty ? undefined : told.next;
    if (next === undefined || items.length >= limit) break;
  }
  return { body: { [name]: items, next: next ?? null } };
}
