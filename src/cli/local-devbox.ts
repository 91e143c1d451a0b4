import { type Devbox, startDevbox } from "../devbox/start-devbox.ts";
import type { DevboxCommandOptions } from "./devbox-options.ts";
import { createLogger } from "./logger.ts";
import { appLauncherCommand, taskRuntimeCommand, webhookCommand } from "./own-commands.ts";
import { listenError, portOf } from "./serving.ts";
import { removeAddress, writeAddress } from "./state.ts";
import { deploySystemTasks } from "./system-tasks.ts";

/** A devbox with the tasks that ship with the package. */
export interface LocalDevbox extends Devbox {
  /** Resolves when they are registered, or could not be: then the log says why. */
  readonly systemTasks: Promise<void>;
}

/**
 * Starts the embedded control plane and tells the other commands of this user where it is. The tasks of
 * the package are registered meanwhile.
 *
 * @param portOption the option that chooses the port of the control plane, for the message when it is taken
 * @throws FlyteError `invalid_config` when a port, the address or the state folder cannot be used
 */
export async function startLocalDevbox(
  options: DevboxCommandOptions & { readonly port: number },
  portOption: string,
): Promise<LocalDevbox> {
  const { state, host, port, gatewayPort, logLevel } = options;
  const log = createLogger("devbox", logLevel);
  const devbox = await startDevbox({
    state,
    host,
    port,
    ...(gatewayPort === undefined ? {} : { gatewayPort }),
    allowAnonymous: options.allowAnonymous === true,
    ...(options.webhookUrl === undefined ? {} : { webhookUrl: options.webhookUrl }),
    launchers: {
      "flyte-task": { argv: taskRuntimeCommand(), warm: true },
      "flyte-app": { argv: appLauncherCommand(), warm: false },
      "flyte-webhook": { argv: webhookCommand(), warm: false },
    },
    log,
  }).catch((error: unknown) => {
    const failed = portOf(error) ?? port;
    throw listenError(error, host, failed, failed === port ? portOption : "--gateway-port");
  });
  const stopping = new AbortController();
  const systemTasks = deploySystemTasks(devbox, {
    env: process.env,
    signal: stopping.signal,
  }).catch((error: unknown) => {
    if (!stopping.signal.aborted) log.error({ err: error }, "tasks of the package not registered");
  });
  const close = async (): Promise<void> => {
    await removeAddress(state);
    stopping.abort();
    await systemTasks;
    await devbox.close();
  };
  try {
    await writeAddress(state, devbox.url);
  } catch (error) {
    await close();
    throw error;
  }
  return { ...devbox, systemTasks, close, [Symbol.asyncDispose]: close };
}
