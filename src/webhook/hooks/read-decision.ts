import { FlyteError } from "../../shared/errors.ts";
import { identifierFault } from "../../values/identifiers.ts";
import type { HookDecision, HookStart } from "./hook.ts";

const known: readonly string[] = Object.keys({
  task: true,
  project: true,
  domain: true,
  version: true,
  inputs: true,
  labels: true,
  env: true,
} satisfies Record<keyof HookStart, true>);

/**
 * What the mapping of a hook has answered. TypeScript has checked it at most once, and it decides what runs.
 *
 * @throws FlyteError `invalid_config` naming the member and the rule; it quotes no value, which may be a payload's
 */
export function readDecision(answer: unknown): HookDecision {
  if (answer === undefined || answer === null) return undefined;
  if (!isRecord(answer)) throw wrong("an object with the task to start, or undefined");
  if (Object.hasOwn(answer, "refuse")) {
    const { refuse } = answer;
    if (typeof refuse !== "string" || refuse === "") throw wrong("words in refuse");
    return { refuse };
  }
  const unknown = Object.keys(answer).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw wrong(`no other members than ${known.join(", ")}; ${JSON.stringify(unknown)} is none`);
  }
  const { task, project, domain, version, inputs, labels, env } = answer;
  checkName("task", "task name", task);
  if (project !== undefined) checkName("project", "project", project);
  if (domain !== undefined) checkName("domain", "domain", domain);
  if (version !== undefined) checkName("version", "task version", version);
  if (inputs !== undefined && !isRecord(inputs)) throw wrong("an object of values in inputs");
  checkTexts("labels", labels);
  checkTexts("env", env);
  // Every member was looked at; inputs are checked against the task's interface.
  return answer as unknown as HookStart;
}

function checkName(
  member: string,
  kind: "task name" | "project" | "domain" | "task version",
  text: unknown,
): void {
  if (typeof text !== "string") throw wrong(`a text in ${member}`);
  const fault = identifierFault(kind, text);
  if (fault !== undefined) throw wrong(`a ${member} that can be one: ${fault}`);
}

function checkTexts(member: string, texts: unknown): void {
  if (texts === undefined) return;
  if (isRecord(texts) && Object.values(texts).every((text) => typeof text === "string")) return;
  throw wrong(`an object of texts in ${member}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(expected: string): FlyteError {
  return new FlyteError("invalid_config", `start of a hook has to answer ${expected}.`);
}
