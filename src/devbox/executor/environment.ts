import { TASK_TOKEN_VARIABLE } from "../../shared/task-token.ts";
import type { AttemptRequest } from "./executor.ts";

/** Variables of the host that a task may see; all others stay hidden. */
export const HOST_VARIABLES: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "VIRTUAL_ENV",
  "LD_LIBRARY_PATH",
];

/** The name every attempt carries in its environment so that its processes can be found again. */
export const TOKEN_VARIABLE = "FLYTE_WEBHOOK_PROCESS";

const sdkAuthentication: Readonly<Record<string, string>> = {
  FLYTE_AUTH_TYPE: "ExternalCommand",
  FLYTE_AUTH_COMMAND: JSON.stringify(["printenv", TASK_TOKEN_VARIABLE]),
};

export interface EnvironmentOptions {
  /** The visible part of the host's environment, as {@link hostEnvironment} gives it. */
  readonly host: Readonly<Record<string, string>>;
  /** URL of the control plane that the task may call back. */
  readonly controlPlaneUrl: string;
}

/** The part of the host's environment that tasks may see: {@link HOST_VARIABLES} and `LC_*`. */
export function hostEnvironment(
  host: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(host)) {
    if (value !== undefined && (HOST_VARIABLES.includes(name) || name.startsWith("LC_"))) {
      kept[name] = value;
    }
  }
  return kept;
}

/**
 * The environment of one attempt: the visible part of the host's, then the run's and the task's
 * own variables, then those that Flyte's runtime relies on, which nobody can override.
 */
export function toEnvironment(
  request: AttemptRequest,
  options: EnvironmentOptions,
): Record<string, string> {
  const { task } = request;
  return {
    ...options.host,
    // How Flyte's SDKs come by the token; a task that has a credential of its own says so itself.
    ...(request.token === undefined ? {} : sdkAuthentication),
    ...request.env,
    ...(request.token === undefined ? {} : { [TASK_TOKEN_VARIABLE]: request.token }),
    ACTION_NAME: request.action,
    RUN_NAME: request.run,
    _U_RUN_BASE: request.runBase,
    _U_ORG_NAME: request.org === "" ? "local" : request.org,
    FLYTE_INTERNAL_EXECUTION_ID: request.run,
    FLYTE_INTERNAL_EXECUTION_PROJECT: request.project,
    FLYTE_INTERNAL_EXECUTION_DOMAIN: request.domain,
    FLYTE_ATTEMPT_NUMBER: String(request.attempt - 1),
    FLYTE_INTERNAL_TASK_PROJECT: task.project,
    FLYTE_INTERNAL_TASK_DOMAIN: task.domain,
    FLYTE_INTERNAL_TASK_NAME: task.name,
    FLYTE_INTERNAL_TASK_VERSION: task.version,
    FLYTE_INTERNAL_PROJECT: task.project,
    FLYTE_INTERNAL_DOMAIN: task.domain,
    FLYTE_INTERNAL_NAME: task.name,
    FLYTE_INTERNAL_VERSION: task.version,
    _F_PN: podName(request),
    ...toAddress(new URL(options.controlPlaneUrl), request.token !== undefined),
    _U_USE_ACTIONS: "1",
    FSSPEC_FILE_AUTO_MKDIR: "true",
  };
}

/**
 * How Flyte's SDKs find the control plane. Told that it is insecure they drop every credential, so one that
 * is to be sent goes with the address in full.
 */
function toAddress({ host, origin, protocol }: URL, hasToken: boolean): Record<string, string> {
  if (hasToken) return { _U_EP_OVERRIDE: origin, _U_INSECURE: "false" };
  return { _U_EP_OVERRIDE: host, _U_INSECURE: String(protocol === "http:") };
}

/** The name that stands for a pod's in messages and in `_F_PN`. */
export function podName({
  run,
  action,
  attempt,
}: Pick<AttemptRequest, "run" | "action" | "attempt">): string {
  return `${run}-${action}-${attempt - 1}`;
}
