import type { Scope } from "../client/control-plane.ts";
import { type Call, givenScope, resolvedScope } from "./call.ts";

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
  if (givenScope(call).project === undefined || !isSwapped({ project, domain })) return undefined;
  return `${project} is a domain: did you mean domain=${project} and project=${domain}?`;
}
