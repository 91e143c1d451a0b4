import type { Command } from "commander";
import { admitNextCall } from "../../shared/app-process.ts";
import { FlyteError } from "../../shared/errors.ts";
import { connectionVariables } from "../connection.ts";
import { loadEnvironment } from "../load-environment.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, note, print } from "../output.ts";
import { listenForStop, writeReadyFile } from "../serving.ts";

interface ServeFileOptions extends ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly readyFile?: string;
  readonly alone?: boolean;
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
  const { environment, serve } = await loadEnvironment(file, name);
  if (stop.requested) return;
  const starting = new AbortController();
  void stop.wait.then(() => starting.abort());
  const { host, port } = options;
  // Where the platform runs them, the apps that it depends on are apps of their own.
  const alone = options.alone === true;
  const served = alone ? environment.cloneWith(environment.name, { dependsOn: [] }) : environment;
  admitNextCall();
  await using app = await serve(served, {
    mode: "local",
    host,
    // A platform that runs the file says in PORT where.
    ...(command.getOptionValueSource("port") !== "default" && { port }),
    signal: starting.signal,
  }).catch((error: unknown) => {
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

const forFiles: readonly (string | undefined)[] = [
  "--host",
  "--port",
  "--ready-file",
  "--json",
  "--alone",
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
