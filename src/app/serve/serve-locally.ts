import { dirname } from "node:path";
import { findIncluded } from "../bundle/included-files.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { declaringFile } from "../environment/declarations.ts";
import { invalidConfig } from "../environment/invalid-config.ts";
import { assertValues } from "../parameters/materialize-parameters.ts";
import { assertParameterNames, withValues } from "../parameters/parameter-overrides.ts";
import { assertVariablesArrive } from "./app-variables.ts";
import { freePort } from "./free-port.ts";
import { LocalApp } from "./local-app.ts";
import { secretValues } from "./secret-variables.ts";
import { resolveServeOptions, type ServeOptions } from "./serve-options.ts";
import { assertNotServed, findServed } from "./served-apps.ts";
import { servingOrder } from "./serving-order.ts";

/** Serves apps on this machine. When one does not start, none is left. */
export async function serveLocally(
  roots: readonly AppEnvironment[],
  options: ServeOptions,
): Promise<readonly LocalApp[]> {
  const apps = await planApps(roots, options);
  const started: LocalApp[] = [];
  try {
    for (const root of roots) {
      const app = apps.get(root);
      if (app === undefined || started.includes(app)) continue;
      await app.activate({}, options.signal);
      started.push(app);
    }
  } catch (error) {
    for (const app of started.reverse()) await app.deactivate();
    throw error;
  }
  return started;
}

/** Everything that is to run, checked as far as that is possible before anything does. */
async function planApps(
  roots: readonly AppEnvironment[],
  options: ServeOptions,
): Promise<ReadonlyMap<AppEnvironment, LocalApp>> {
  const settings = resolveServeOptions(options);
  const order = servingOrder(roots);
  assertParameterNames(order, options.parameterValues);
  const apps = new Map<AppEnvironment, LocalApp>();
  const ports = new Map<number, string>();
  if (roots.length > 1 && (options.port ?? 0) !== 0) {
    throw invalidConfig("One port cannot be for several apps. Leave port out, or give 0.");
  }
  for (const env of order) {
    const asked = roots.includes(env);
    const running = findServed(env.name);
    if (!asked && running instanceof LocalApp && running.environment === env) {
      apps.set(env, running);
      continue;
    }
    const port = (options.port === 0 || asked ? options.port : undefined) ?? env.port.port;
    const dependencies = env.dependsOn.map((dependency) => apps.get(dependency));
    const parameters = withValues(env, options.parameterValues);
    const app = new LocalApp(env, {
      port,
      settings,
      parameters,
      dependencies: dependencies.filter((dependency) => dependency !== undefined),
    });
    assertNotServed(app);
    assertValues(env.name, parameters);
    assertStartable(env, options);
    await assertIncluded(env, options);
    if (port !== 0) {
      assertOwnPort(env, port, ports);
      await freePort(env.name, settings.host, port);
    }
    apps.set(env, app);
  }
  return apps;
}

function assertStartable(env: AppEnvironment, { envVars = {} }: ServeOptions): void {
  const { name, server, command = [], args = [] } = env;
  if (server === undefined && command.length + args.length === 0) {
    throw invalidConfig(
      `AppEnvironment "${name}" has no server function, command or args. Give it one to serve it here.`,
    );
  }
  assertVariablesArrive(env, envVars);
  secretValues(env);
}

/** What a deployed app would miss is told where it can be mended. Not where no file declares the app. */
async function assertIncluded(
  env: AppEnvironment,
  { file = declaringFile(env) }: ServeOptions,
): Promise<void> {
  if (file !== undefined) await findIncluded(dirname(file), env.include);
}

function assertOwnPort({ name }: AppEnvironment, port: number, ports: Map<number, string>): void {
  const other = ports.get(port);
  if (other !== undefined) {
    throw invalidConfig(
      `The apps "${other}" and "${name}" both have port ${port}. Give one another port, or serve with port 0.`,
    );
  }
  ports.set(port, name);
}
