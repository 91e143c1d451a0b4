import { type Devbox, startDevbox } from "../devbox/start-devbox.ts";
import type { DevboxCommandOptions } from "./options.ts";
import { taskRuntimeCommand } from "./package-files.ts";
import { removeAddress, writeAddress } from "./state.ts";

/** Starts the embedded control plane and tells the other commands of this user where it is. */
export async function startLocalDevbox(
  options: DevboxCommandOptions & { readonly port: number },
): Promise<Devbox> {
  const devbox = await startDevbox({
    state: options.state,
    host: options.host,
    port: options.port,
    allowAnonymous: options.allowAnonymous === true,
    launchers: { "flyte-task": { argv: taskRuntimeCommand(), warm: true } },
  });
  await writeAddress(options.state, devbox.url);
  const close = async (): Promise<void> => {
    await removeAddress(options.state);
    await devbox.close();
  };
  return { ...devbox, close, [Symbol.asyncDispose]: close };
}
