import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CallOptions, ControlPlane } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { invalidConfig } from "../environment/invalid-config.ts";
import { askForEndpoint, knownEndpoint } from "../serve/endpoint-of.ts";
import type { AppEndpoint } from "./app-endpoint.ts";
import { AppEndpoint as Endpoint } from "./app-endpoint.ts";
import { fetchReference } from "./fetch-reference.ts";
import {
  type MaterializedParameter,
  parametersFile,
  type ResolvedParameters,
} from "./materialized-parameter.ts";
import { textOfValue } from "./parameter-value.ts";

export interface ResolveOptions extends Pick<CallOptions, "signal"> {
  /** Name of the app that has the parameters. */
  readonly app: string;
  /** Gets `flyte-parameters.json`, and what is downloaded without a `mount`. It is made when it is not there. */
  readonly folder: string;
  /** The app's environment, which tells where other apps are. @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Who is asked for public addresses. @default the one that `init` connected to */
  readonly controlPlane?: ControlPlane;
}

/**
 * What an app gets of its parameters where it runs: files are downloaded, addresses of other apps
 * looked up, and all of it is written to `flyte-parameters.json`. `env` of the answer has the
 * parameters' own variables, and the one that tells where that file is.
 *
 * @throws FlyteError naming the parameter that cannot be had
 */
export async function resolveParameters(
  parameters: readonly MaterializedParameter[],
  options: ResolveOptions,
): Promise<ResolvedParameters> {
  if (parameters.length === 0) return { values: {}, env: {} };
  await mkdir(options.folder, { recursive: true });
  const resolved = await Promise.all(
    parameters.map(async (parameter) => [parameter, await resolve(parameter, options)] as const),
  );
  const values = Object.fromEntries(resolved.map(([{ name }, value]) => [name, value]));
  const file = join(options.folder, parametersFile);
  await writeFile(file, JSON.stringify(values), { mode: 0o600 });
  const variables = resolved.flatMap(([{ envVar }, value]) =>
    envVar === undefined ? [] : [[envVar, value]],
  );
  return { values, env: { ...Object.fromEntries(variables), [parametersFile]: file } };
}

async function resolve(parameter: MaterializedParameter, options: ResolveOptions): Promise<string> {
  const { name, value, download } = parameter;
  try {
    if (value instanceof Endpoint) return await findEndpoint(value, options);
    if (typeof value === "string" || !download) return textOfValue(value);
    return await fetchReference({ ...parameter, value }, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    const code = FlyteError.is(error) ? error.code : "invalid_config";
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Parameter "${name}" of the app "${options.app}": ${reason}`;
    throw new FlyteError(code, message, { cause: error });
  }
}

async function findEndpoint(
  endpoint: AppEndpoint,
  { env = process.env, ...options }: ResolveOptions,
): Promise<string> {
  const known = knownEndpoint(endpoint, env);
  if (known !== undefined) return known;
  const { appName } = endpoint;
  if (endpoint.public) return askForEndpoint(appName, options);
  throw invalidConfig(
    `the app "${appName}" is neither served here nor does INTERNAL_APP_ENDPOINT_PATTERN tell where it is. Put it into dependsOn, or ask for its public address with public: true.`,
  );
}
