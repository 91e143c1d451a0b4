import { FlyteError } from "../shared/errors.ts";
import type { Scope } from "./control-plane.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * The base of console pages: the given address, else that of the control plane. A control plane on
 * `localhost:8090` has its console on port 8080, as in Flyte's own local set-up.
 *
 * @throws FlyteError `invalid_config` when the given address is not http or https
 */
export function toConsoleBase(given: string | undefined, endpoint: Endpoint): string {
  if (given === undefined) {
    return endpoint.baseUrl.replace(/^(https?:\/\/localhost):8090$/, "$1:8080");
  }
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password === "") {
    return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  }
  throw new FlyteError(
    "invalid_config",
    "consoleUrl is not valid: give an http:// or https:// address without credentials.",
  );
}

/** Address of a run's page in the console: `BASE/v2/domain/D/project/P/runs/NAME`. */
export function toRunUrl(base: string, scope: Scope, run: string): string {
  return toPageUrl(base, scope, ["runs", run]);
}

/** Address of an app's page in the console: `BASE/v2/domain/D/project/P/apps/NAME`. */
export function toAppUrl(base: string, scope: Scope, app: string): string {
  return toPageUrl(base, scope, ["apps", app]);
}

/** Address of a trigger's page in the console: `BASE/v2/domain/D/project/P/triggers/TASK/NAME`. */
export function toTriggerUrl(base: string, scope: Scope, task: string, trigger: string): string {
  return toPageUrl(base, scope, ["triggers", task, trigger]);
}

function toPageUrl(base: string, { domain, project }: Scope, page: readonly string[]): string {
  const path = ["v2", "domain", domain, "project", project, ...page];
  return `${base}/${path.map(encodeURIComponent).join("/")}`;
}
