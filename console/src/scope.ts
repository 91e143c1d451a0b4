/** A project and domain: where everything a page shows belongs to. */
export interface Scope {
  readonly project: string;
  readonly domain: string;
}

/** Address of a page, as `run.url` and its like have it: `/v2/domain/D/project/P/…`. */
export function pagePath(
  { domain, project }: Scope,
  segments: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const path = ["v2", "domain", domain, "project", project, ...segments];
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(name, value);
  }
  const text = search.toString();
  return `/${path.map(encode).join("/")}${text === "" ? "" : `?${text}`}`;
}

/** Half of a surrogate pair has no place in an address, and `encodeURIComponent` throws at one. */
function encode(segment: string): string {
  return encodeURIComponent(segment.replaceAll(/\p{Surrogate}/gu, "\uFFFD"));
}

export const runsPath = (
  scope: Scope,
  query?: Readonly<Record<string, string | undefined>>,
): string => pagePath(scope, ["runs"], query);
export const runPath = (scope: Scope, run: string): string => pagePath(scope, ["runs", run]);
export const tasksPath = (scope: Scope): string => pagePath(scope, ["tasks"]);
export const taskPath = (scope: Scope, task: string, version?: string): string =>
  pagePath(scope, ["tasks", task], { version });
/** The launch form of a task; with a run, filled with that run's inputs. */
export const launchPath = (
  scope: Scope,
  task: string,
  { version, from }: { readonly version?: string; readonly from?: string } = {},
): string => pagePath(scope, ["tasks", task, "launch"], { version, from });
export const triggersPath = (scope: Scope): string => pagePath(scope, ["triggers"]);
export const triggerPath = (scope: Scope, task: string, trigger: string): string =>
  pagePath(scope, ["triggers", task, trigger]);
export const appsPath = (scope: Scope): string => pagePath(scope, ["apps"]);
export const appPath = (scope: Scope, app: string): string => pagePath(scope, ["apps", app]);
