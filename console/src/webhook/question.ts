import type { JsonObject } from "../../../src/shared/json.ts";
import type { WebhookInfo } from "./answers.ts";
import { type TargetKind, targetFields, targetKind } from "./target.ts";

/** A question as it is asked and as the page's address has it: `endpoint`, and what names its target. */
export type Question = Readonly<Record<string, string>>;

/** What the address may have beside the endpoint. */
export const targetNames: readonly string[] = [
  "project",
  "domain",
  "name",
  "task_name",
  "trigger_name",
  "hook",
  "repo",
];

/** The question of an address, if it holds one. */
export function readQuestion(query: URLSearchParams): Question | undefined {
  const endpoint = query.get("endpoint");
  if (endpoint === null || endpoint === "") return undefined;
  const given = targetNames.flatMap((name) => {
    const value = query.get(name);
    return value === null || value === "" ? [] : [[name, value] as const];
  });
  return { endpoint, ...Object.fromEntries(given) };
}

/** What an endpoint of this webhook acts on, by its name. */
export function kindOf(info: WebhookInfo, name: string): TargetKind {
  if (name === "hook") return "hook";
  const found = [...info.endpoints, ...info.endpointsOff].find(
    (endpoint) => endpoint.name === name,
  );
  return found === undefined ? "none" : targetKind(found);
}

/** The question that a form asks: without what its endpoint has no use for. */
export function toQuestion(kind: TargetKind, endpoint: string, values: Question): Question {
  const given = targetFields(kind).flatMap(({ name }) => {
    const value = values[name]?.trim() ?? "";
    return value === "" ? [] : [[name, value] as const];
  });
  return { endpoint, ...Object.fromEntries(given) };
}

/** The question as the webhook takes it: what stands in no path is a parameter of the endpoint. */
export function toBody({ repo, ...question }: Question): JsonObject {
  return repo === undefined ? question : { ...question, parameters: { repo } };
}

/** What a question is about, in one text: `development/flytesnacks/stats.describe`. */
export function targetText(question: Question): string {
  const { hook, domain, project, task_name: task, trigger_name: trigger, name, repo } = question;
  const place = [domain, project, task, trigger, name].filter((part) => part !== undefined);
  return [hook, place.join("/"), repo].filter(Boolean).join(" ");
}
