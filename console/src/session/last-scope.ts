import type { Scope } from "../scope.ts";

const storageKey = "flyte-console-scope";

/** Where the seeded project of a devbox is. */
const first: Scope = { project: "flytesnacks", domain: "development" };

/** The project and domain this tab showed last. */
export function lastScope(): Scope {
  const [project, domain] = sessionStorage.getItem(storageKey)?.split("\n") ?? [];
  return project === undefined || domain === undefined ? first : { project, domain };
}

export function rememberScope({ project, domain }: Scope): void {
  sessionStorage.setItem(storageKey, `${project}\n${domain}`);
}
