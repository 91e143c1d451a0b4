import { resolve } from "node:path";
import type { Command } from "commander";
import { AppEndpoint } from "../../app/parameters/app-endpoint.ts";
import { decodeParameters } from "../../app/parameters/parameter-transport.ts";
import type { ParameterValue } from "../../app/parameters/parameter-value.ts";
import { admitNextCall } from "../../shared/app-process.ts";
import { FlyteError } from "../../shared/errors.ts";
import { connectionVariables } from "../connection.ts";
import { type LoadedEnvironment, loadEnvironment } from "../load-environment.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, note, print } from "../output.ts";
import { listenForStop, writeReadyFile } from "../serving.ts";

/** Longest time for an app to stop: below the 30 seconds of Kubernetes. */
const stopTimeoutMs = 27_000;

interface ServeFileOptions extends ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly readyFile?: string;
  readonly alone?: boolean;
  readonly parameters?: string;
}

/** `flyte-webhook serve FILE [NAME]`: an app environment that a file exports. */
export async function serveFile(
  file: string,
  name: string | undefined,
  options: ServeFileOptions,
  command: Command,
): Promise<void> {
  assertForFile(command);
  const stop = listenForStop();
  // The app reads them when it starts; this process is there for it alone.
  Object.assign(process.env, await connectionVariables(options));
  process.setSourceMapsEnabled(true);
  const { environment, ...package_ } = await loadEnvironment(file, name);
  if (stop.requested) return;
  const starting = new AbortController();
  void stop.wait.then(() => starting.abort());
  const { host, port } = options;
  // Where the platform runs them, the apps that it depends on are apps of their own.
  const alone = options.alone === true;
  if (alone) process.env["_RUN_MODE"] = "remote";
  const served = alone ? environment.cloneWith(environment.name, { dependsOn: [] }) : environment;
  admitNextCall();
  await using app = await package_
    .serve(served, {
      mode: "local",
      host,
      file: resolve(file),
      ...(alone && { envVars: { _RUN_MODE: "remote" } }),
      ...(options.parameters !== undefined && {
        parameterValues: { [served.name]: readParameters(options.parameters, package_) },
      }),
      // A platform that runs the file says in PORT where.
      ...(command.getOptionValueSource("port") !== "default" && { port }),
      // As long as the platforms give that run it.
      deactivateTimeoutMs: stopTimeoutMs,
      signal: starting.signal,
    })
    .catch((error: unknown) => {
      if (!stop.requested) throw error;
      return undefined;
    });
  if (app === undefined) return;
  const ready = { app: app.name, endpoint: app.endpoint, url: app.url };
  if (options.readyFile !== undefined) await writeReadyFile(options.readyFile, ready);
  if (options.json === true) print(JSON.stringify(ready));
  else print(fields([[app.name, app.endpoint]]));
  await stop.wait;
  if (options.json !== true) note("Stopping.");
}

/** With addresses of apps as the file's copy of the package knows them. */
function readParameters(
  text: string,
  { AppEndpoint: Endpoint }: Pick<LoadedEnvironment, "AppEndpoint">,
): Readonly<Record<string, ParameterValue>> {
  const entries = decodeParameters(text).map(({ name, value }) => {
    if (!(value instanceof AppEndpoint)) return [name, value] as const;
    const { appName, public: isPublic } = value;
    return [name, new Endpoint({ appName, public: isPublic })] as const;
  });
  return Object.fromEntries(entries);
}

const forFiles: readonly (string | undefined)[] = [
  "--host",
  "--port",
  "--ready-file",
  "--json",
  "--alone",
  "--parameters",
];

/** The other options say what the webhook is; a file says that itself. */
function assertForFile(command: Command): void {
  const wrong = command.options.find(
    (option) =>
      isGiven(command, option.attributeName()) &&
      option.helpGroupHeading !== "Connection options:" &&
      !forFiles.includes(option.long),
  );
  if (wrong === undefined) return;
  throw new FlyteError(
    "invalid_config",
    `${wrong.long} cannot be given together with a file: the environment in the file says what is served. Leave it out, or give the option to the environment.`,
  );
}

function isGiven(command: Command, attribute: string): boolean {
  return command.getOptionValueSource(attribute) === "cli";
}
