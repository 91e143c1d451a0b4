import type { Scope } from "../client/control-plane.ts";
import { FlyteError } from "../shared/errors.ts";
import type { Answer } from "./answer-request.ts";
import { type Call, resolvedScope } from "./call.ts";

/** The domains every installation has. */
const domains: ReadonlySet<string> = new Set(["development", "staging", "production"]);

function isSwapped({ domain, project }: Scope): boolean {
  return !domains.has(domain) && domains.has(project);
}

/** The path of a task is domain first; people write it the other way round. */
export function swappedPathHint(task: Scope & { readonly name: string }): string | undefined {
  if (!isSwapped(task)) return undefined;
  const { project, domain, name } = task;
  return `The domain comes before the project: did you mean ${project}/${domain}/${name}?`;
}

/** A hint for who gave a project for a domain. Depends on the request alone. */
export function swappedScopeHint(call: Call): string | undefined {
  const { project, domain } = resolvedScope(call);
  if (!isSwapped({ project, domain })) return undefined;
  return `${project} is a domain: did you mean domain=${project} and project=${domain}?`;
}

/** Does the work of an endpoint; that something is not there comes with the hint. */
export async function withSwappedHint(call: Call, act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    const hint = swappedScopeHint(call);
    if (hint === undefined || !FlyteError.is(error) || error.code !== "not_found") throw error;
    return { problem: { code: "not_found", detail: error.message, hint } };
  }
}
