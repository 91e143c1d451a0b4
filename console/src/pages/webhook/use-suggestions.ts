import { apps, projects, runs, tasks, triggers } from "../../control-plane/clients.ts";
import { useCall } from "../../control-plane/use-call.ts";
import type { WebhookInfo } from "../../webhook/answers.ts";
import type { Question } from "../../webhook/question.ts";
import type { TargetKind } from "../../webhook/target.ts";

const most = 200;

/** Names that a field of a question may be filled with, by the field's name. */
type Suggestions = Readonly<Record<string, readonly string[]>>;

/** What the control plane has of a kind in the project and domain of the question; nothing where it does not say. */
export function useSuggestions(
  kind: TargetKind,
  { project = "", domain = "" }: Question,
  { hooks }: WebhookInfo,
): Suggestions {
  const places = useCall("webhook-places", listPlaces).data;
  const named = useCall(`webhook-names ${kind} ${domain}/${project}`, (signal) =>
    project === "" || domain === ""
      ? Promise.resolve({})
      : listNames(kind, { project, domain }, signal),
  ).data;
  return { ...places, hook: hooks.map(({ name }) => name), ...named };
}

async function listPlaces(signal: AbortSignal): Promise<Suggestions> {
  const answer = await projects.listProjects({ limit: most }, { signal });
  const all = answer.projects?.projects ?? [];
  return {
    project: all.map(({ id }) => id),
    domain: unique(all.flatMap(({ domains }) => domains.map(({ id }) => id))),
  };
}

async function listNames(
  kind: TargetKind,
  { project, domain }: { readonly project: string; readonly domain: string },
  signal: AbortSignal,
): Promise<Suggestions> {
  const value = { organization: "", name: project, domain };
  const request = { limit: most };
  const scopeBy = { case: "projectId" as const, value };
  if (kind === "task" || kind === "hook") {
    const { tasks: found } = await tasks.listTasks({ request, scopeBy }, { signal });
    return { name: unique(found.map(({ taskId }) => taskId?.name ?? "")) };
  }
  if (kind === "run") {
    const { runs: found } = await runs.listRuns({ request, scopeBy }, { signal });
    return { name: unique(found.map(({ action }) => action?.id?.run?.name ?? "")) };
  }
  if (kind === "app") {
    const filterBy = { case: "project" as const, value };
    const { apps: found } = await apps.list({ request, filterBy }, { signal });
    return { name: unique(found.map(({ metadata }) => metadata?.id?.name ?? "")) };
  }
  if (kind === "trigger") {
    const { triggers: found } = await triggers.listTriggers({ request, scopeBy }, { signal });
    return {
      task_name: unique(found.map(({ id }) => id?.name?.taskName ?? "")),
      trigger_name: unique(found.map(({ id }) => id?.name?.name ?? "")),
    };
  }
  return {};
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => name !== "").sort();
}
