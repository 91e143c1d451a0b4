import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlyteError } from "../../shared/errors.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import type { AppContext, AppServer } from "../environment/app-server.ts";
import { substituteVariables } from "../environment/variable-references.ts";
import { materializeParameters } from "../parameters/materialize-parameters.ts";
import type { Parameter } from "../parameters/parameter.ts";
import { resolveParameters } from "../parameters/resolve-parameters.ts";
import { appVariables } from "./app-variables.ts";
import { type RunningApp, startChild } from "./child-server.ts";
import { freePort, portError } from "./free-port.ts";
import { secretValues } from "./secret-variables.ts";
import type { ServeSettings } from "./serve-options.ts";

export interface AppLaunch {
  readonly environment: AppEnvironment;
  /** Those of the environment, with the values that were given for them. */
  readonly parameters: readonly Parameter[];
  /** 0 for a free one. */
  readonly port: number;
  readonly settings: ServeSettings;
  /** Aborts when the app is to stop. */
  readonly signal: AbortSignal;
}

/** Gives an app what it needs and starts it. Nothing is left of one that does not start. */
export async function launchApp(launch: AppLaunch): Promise<RunningApp> {
  const folder = await makeFolder(launch);
  const clean = async (): Promise<void> => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    const running = await start(launch, folder ?? "");
    return {
      ...running,
      stop: (graceMs) => running.stop(graceMs).finally(clean),
      kill() {
        running.kill();
        if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}

/** For the parameters; it goes with the app. */
async function makeFolder({ parameters }: AppLaunch): Promise<string | undefined> {
  return parameters.length === 0 ? undefined : mkdtemp(join(tmpdir(), `flyte-app-${process.pid}-`));
}

async function start(
  { environment, parameters, settings, signal, ...launch }: AppLaunch,
  folder: string,
): Promise<RunningApp> {
  const { name, server } = environment;
  const { host, variables } = settings;
  const secrets = secretValues(environment);
  const { env, own } = appVariables(environment, variables);
  const materialized = await materializeParameters(parameters, { app: name, signal });
  const resolved = await resolveParameters(materialized, { app: name, folder, env, signal });
  signal.throwIfAborted();
  const port = await freePort(name, host, launch.port);
  const context = {
    name,
    host,
    port,
    env: { ...env, ...resolved.env },
    parameters: resolved.values,
    signal,
  };
  if (server !== undefined) return startServer(server, context);
  const known = new Map([...own, ...Object.entries(resolved.env), ["PORT", String(port)]]);
  return startChild({
    app: name,
    argv: toArgv(environment, known),
    env: { ...context.env, PORT: String(port) },
    port,
    secrets,
    onOutput: settings.onOutput,
  });
}

function toArgv(
  { command = [], args = [] }: AppEnvironment,
  known: ReadonlyMap<string, string>,
): readonly string[] {
  return [...command, ...args.map((word) => substituteVariables(word, known))];
}

async function startServer(server: AppServer, context: AppContext): Promise<RunningApp> {
  const { name, host, port } = context;
  try {
    const { ended = new AbortController().signal, ...running } = await server(context);
    return { ...running, ended, kill: () => undefined };
  } catch (error) {
    throw startError(name, portError(error, name, host, port));
  }
}

/** What an app throws while it starts is its author's to read. */
function startError(app: string, error: unknown): unknown {
  if (FlyteError.is(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new FlyteError("app_failed", `The app "${app}" did not start: ${reason}`, {
    cause: error,
  });
}
