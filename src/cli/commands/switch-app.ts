import type { AppStatus } from "../../client/app-calls.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ConnectionOptions } from "../options.ts";
import { note, Progress } from "../output.ts";
import { printState, showApp } from "./app.ts";

interface SwitchOptions extends ConnectionOptions {
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** `flyte-webhook activate app` and `deactivate app`: switches it, and shows the state read back. */
export async function switchApp(
  verb: "activate" | "deactivate",
  name: string,
  options: SwitchOptions,
): Promise<void> {
  await using controlPlane = await connect(options);
  const reason = `${verb === "activate" ? "Activated" : "Deactivated"} from the command line.`;
  if (!options.wait) {
    return showApp(await controlPlane.apps[verb]({ name }, { reason }), options);
  }
  showApp(await switchAndWait(controlPlane, verb, { name, reason, options }), options);
}

async function switchAndWait(
  controlPlane: ControlPlane,
  verb: "activate" | "deactivate",
  { name, reason, options }: { name: string; reason: string; options: SwitchOptions },
): Promise<AppStatus> {
  using progress = new Progress();
  const leave = (): never => {
    progress[Symbol.dispose]();
    note(`The change stands. See app ${name} with: flyte-webhook get app ${name}`);
    process.exit(exitCodes.interrupted);
  };
  process.once("SIGINT", leave);
  try {
    const timeoutMs = options.timeout ?? Number.POSITIVE_INFINITY;
    const onStatus = (app: AppStatus): void => progress.update(printState(app));
    return await controlPlane.apps[verb]({ name }, { reason, wait: true, timeoutMs, onStatus });
  } finally {
    process.off("SIGINT", leave);
  }
}
