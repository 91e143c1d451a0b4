import { type AuthType, authTypes } from "../auth/auth-type.ts";
import { choiceKind, flagKind, listKind, mapKind, textKind, type ValueKind } from "./value-kind.ts";

/** Everything the configuration file and the environment can say; what they leave out is absent. */
export interface Settings {
  readonly endpoint?: string;
  readonly insecure?: boolean;
  readonly allowPlaintext?: boolean;
  readonly insecureSkipVerify?: boolean;
  readonly caCertFile?: string;
  readonly httpProxyUrl?: string;
  readonly authType?: AuthType;
  readonly command?: readonly string[];
  readonly proxyCommand?: readonly string[];
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly clientSecretVariable?: string;
  readonly scopes?: readonly string[];
  readonly disableKeyring?: boolean;
  readonly consoleEndpoint?: string;
  readonly org?: string;
  readonly project?: string;
  readonly domain?: string;
  readonly imageBuilder?: "local" | "remote";
  readonly imageBuilderDomain?: string;
  readonly imageRefs?: Readonly<Record<string, string>>;
  readonly imageRegistry?: string;
}

/** Where one setting is found: its key in the file and the variables that win over it. */
export interface Setting<Value> {
  /** Dotted path in the file, for example `admin.endpoint`. */
  readonly key: string;
  /** Environment variables, the strongest first. */
  readonly env: readonly string[];
  readonly kind: ValueKind<Value>;
}

function setting<Value>(
  key: string,
  kind: ValueKind<Value>,
  stronger: readonly string[] = [],
): Setting<Value> {
  return { key, kind, env: [...stronger, variableOf(key)] };
}

/** The variable of a dotted key: `admin.clientId` is `FLYTE_ADMIN_CLIENTID`. */
function variableOf(key: string): string {
  return `FLYTE_${key.replaceAll(".", "_").toUpperCase()}`;
}

/** Every setting. The documentation page and the readers are held to this table. */
export const settings: {
  readonly [Name in keyof Settings]-?: Setting<NonNullable<Settings[Name]>>;
} = {
  endpoint: setting("admin.endpoint", textKind, ["_U_EP_OVERRIDE", "FLYTE_ENDPOINT"]),
  insecure: setting("admin.insecure", flagKind, ["_U_INSECURE"]),
  allowPlaintext: setting("admin.allowPlaintext", flagKind, [
    "FLYTE_ALLOW_PLAINTEXT",
    "_U_INSECURE",
  ]),
  insecureSkipVerify: setting("admin.insecureSkipVerify", flagKind, ["_U_INSECURE_SKIP_VERIFY"]),
  caCertFile: setting("admin.caCertFilePath", textKind),
  httpProxyUrl: setting("admin.httpProxyURL", textKind),
  authType: setting("admin.authType", choiceKind(authTypes)),
  command: setting("admin.command", listKind),
  proxyCommand: setting("admin.proxyCommand", listKind),
  clientId: setting("admin.clientId", textKind),
  clientSecretFile: setting("admin.clientSecretLocation", textKind),
  clientSecretVariable: setting("admin.clientSecretEnvVar", textKind),
  scopes: setting("admin.scopes", listKind),
  disableKeyring: setting("admin.disableKeyring", flagKind),
  consoleEndpoint: setting("console.endpoint", textKind),
  org: setting("task.org", textKind, ["_U_ORG_NAME"]),
  project: setting("task.project", textKind, ["FLYTE_INTERNAL_EXECUTION_PROJECT"]),
  domain: setting("task.domain", textKind, ["FLYTE_INTERNAL_EXECUTION_DOMAIN"]),
  imageBuilder: setting("image.builder", choiceKind(["local", "remote"])),
  imageBuilderDomain: setting("image.builderDomain", textKind, ["FLYTE_IMAGEBUILDER_TASK_DOMAIN"]),
  imageRefs: setting("image.image_refs", mapKind),
  imageRegistry: setting("image.registry", textKind),
};

/** The names of all settings, typed. */
export const settingNames: readonly (keyof Settings)[] = Object.keys(
  settings,
  // Object.keys forgets the key type; the table above is exactly keyed by Settings.
) as (keyof Settings)[];

/** Variables that hold an API key, the strongest first. */
export const apiKeyVariables: readonly string[] = [
  "FLYTE_API_KEY",
  "_UNION_EAGER_API_KEY",
  "EAGER_API_KEY",
];

/** Variables that name a configuration file, the strongest first. */
export const configFileVariables: readonly string[] = ["UCTL_CONFIG", "FLYTECTL_CONFIG"];
