import { type Devbox, startDevbox } from "../devbox/start-devbox.ts";
import { createLogger } from "./logger.ts";
import type { DevboxCommandOptions } from "./options.ts";
import { appLauncherCommand, taskRuntimeCommand, webhookCommand } from "./own-commands.ts";
import { listenError, portOf } from "./serving.ts";
import { removeAddress, writeAddress } from "./state.ts";

/**
 * Starts the embedded control plane and tells the other commands of this user where it is.
 *
 * @param portOption the option that chooses the port of the control plane, for the message when it is taken
 * @throws FlyteError `invalid_config` when a port, the address or the state folder cannot be used
 */
export async function startLocalDevbox(
  options: DevboxCommandOptions & { readonly port: number },
  portOption: string,
): Promise<Devbox> {
  const { state, host, port, gatewayPort, logLevel } = options;
  const devbox = await startDevbox({
    state,
    host,
    port,
    ...(gatewayPort === undefined ? {} : { gatewayPort }),
    allowAnonymous: options.allowAnonymous === true,
    launchers: {
      "flyte-task": { argv: taskRuntimeCommand(), warm: true },
      "flyte-app": { argv: appLauncherCommand(), warm: false },
      "flyte-webhook": { argv: webhookCommand(), warm: false },
    },
    log: createLogger("devbox", logLevel),
  }).catch((error: unknown) => {
    const failed = portOf(error) ?? port;
    throw listenError(error, host, failed, failed === port ? portOption : "--gateway-port");
  });
  const close = async (): Promise<void> => {
    await removeAddress(state);
    await devbox.close();
  };
  try {
    await writeAddress(state, devbox.url);
  } catch (error) {
    await close();
    throw error;
  }
  return { ...devbox, close, [Symbol.asyncDispose]: close };
}
