import { TOKEN_VARIABLE } from "../executor/environment.ts";
import type { AppPlan } from "./app-plan.ts";
import { addVariables, expandVariables } from "./expand-variables.ts";

/** What a replica's command and environment are made of. */
export interface ReplicaContext {
  /** The visible part of the host's environment. */
  readonly host: Readonly<Record<string, string>>;
  /** URL of the control plane that the app calls back. */
  readonly controlPlaneUrl: string;
  /** What stands for other apps' addresses, `{app_fqdn}` included. */
  readonly endpointPattern: string;
  /** Environment variables of the app's secrets. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly port: number;
  /** URI for what the app stores, without a trailing slash. */
  readonly rawDataPrefix: string;
  /** What its processes are found by. */
  readonly token: string;
}

/** Where a replica listens. In a container it is every address, which apps say themselves. */
const chosenHere: ReadonlySet<string> = new Set(["PORT", "FLYTE_APP_HOST"]);
const RAW_DATA_PREFIX = /\{\{\s*[.$]rawOutputDataPrefix\s*\}\}/gi;

/**
 * The command and the environment of one replica. Of the parent's environment it gets the visible
 * part alone, which the command cannot refer to: in a container these variables would not exist.
 */
export function toReplicaCommand(
  plan: AppPlan,
  context: ReplicaContext,
): { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const variables = new Map<string, string>(platformVariables(plan, context));
  for (const [name, value] of Object.entries(context.secrets)) variables.set(name, value);
  addVariables(
    variables,
    plan.env.filter(([name]) => !chosenHere.has(name) && !Object.hasOwn(context.secrets, name)),
  );
  const argv = plan.argv.map((argument) =>
    expandVariables(
      argument.replaceAll(RAW_DATA_PREFIX, () => context.rawDataPrefix),
      variables,
    ),
  );
  const env = {
    ...context.host,
    ...Object.fromEntries(variables),
    [TOKEN_VARIABLE]: context.token,
  };
  return { argv, env };
}

function platformVariables(plan: AppPlan, context: ReplicaContext): [string, string][] {
  const endpoint = new URL(context.controlPlaneUrl);
  return [
    ["_U_EP_OVERRIDE", endpoint.host],
    ["_U_INSECURE", String(endpoint.protocol === "http:")],
    ["_U_ORG_NAME", plan.org === "" ? "local" : plan.org],
    ["FLYTE_INTERNAL_EXECUTION_PROJECT", plan.project],
    ["FLYTE_INTERNAL_EXECUTION_DOMAIN", plan.domain],
    ["INTERNAL_APP_ENDPOINT_PATTERN", context.endpointPattern],
    ["PORT", String(context.port)],
    ["FLYTE_APP_HOST", "127.0.0.1"],
  ];
}
