import { type Call, pathValue, resolvedScope, runRef } from "../call.ts";

/** What a request is about, by its path and scope: `task DOMAIN/PROJECT/NAME`, `run …`, `app …`, `trigger …`. */
export function targetOf(call: Call): string | undefined {
  const { domain, project } = resolvedScope(call);
  const inScope = (kind: string, ...names: readonly string[]): string =>
    `${kind} ${[domain, project, ...names].join("/")}`;
  switch (call.endpoint.fence) {
    case "task":
      return `task ${["domain", "project", "name"].map((name) => pathValue(call, name)).join("/")}`;
    case "run":
      return inScope("run", runRef(call).name);
    case "app":
      return inScope("app", pathValue(call, "name"));
    case "trigger":
    case "fire":
      return inScope("trigger", pathValue(call, "task_name"), pathValue(call, "trigger_name"));
    default:
      return undefined;
  }
}
