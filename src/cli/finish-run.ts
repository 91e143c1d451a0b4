import type { ControlPlane, RunStatus } from "../client/control-plane.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { exitCodes } from "./exit-codes.ts";
import type { ConnectionOptions } from "./options.ts";
import { fields, note, Progress, print, printJson } from "./output.ts";

/** How a command goes on with the run that it started. */
export interface FinishOptions extends ConnectionOptions {
  readonly wait?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Shows a run that was started and, with `wait`, stays until its end and shows the outputs. */
export async function showStarted(
  controlPlane: ControlPlane,
  started: RunStatus,
  options: FinishOptions,
): Promise<void> {
  if (options.wait === true) return await finish(controlPlane, started, options);
  if (options.json === true) return printJson({ name: started.name, url: started.url });
  print(
    fields([
      ["run", started.name],
      ["url", started.url],
    ]),
  );
}

async function finish(
  controlPlane: ControlPlane,
  started: RunStatus,
  options: FinishOptions,
): Promise<void> {
  if (options.json !== true) note(`run ${started.name}  ${started.url}`);
  const ended = await waitForEnd(controlPlane, started, options);
  const succeeded = ended.phase === "succeeded" || ended.phase === "recovered";
  const outputs = succeeded ? (await controlPlane.runs.io(ended)).outputs : null;
  if (options.json === true) printJson(toJson(ended, outputs));
  else if (outputs !== null) printJson(outputs);
  if (succeeded) return;
  process.exitCode = exitCodes.runFailed;
  if (options.json !== true) {
    const reason = ended.error?.message ?? ended.abortReason;
    note(`error: run ${ended.name} ended as ${ended.phase}${reason ? `: ${reason}` : "."}`);
  }
}

async function waitForEnd(
  controlPlane: ControlPlane,
  started: RunStatus,
  options: FinishOptions,
): Promise<RunStatus> {
  using progress = new Progress();
  const since = Date.now();
  const leave = (): never => {
    progress[Symbol.dispose]();
    note(
      `Run ${started.name} goes on. See it with: flyte-webhook get run ${started.name}; stop it with: flyte-webhook abort ${started.name}`,
    );
    process.exit(exitCodes.interrupted);
  };
  process.once("SIGINT", leave);
  try {
    return await controlPlane.runs.wait(started, {
      timeoutMs: options.timeout ?? Number.POSITIVE_INFINITY,
      onStatus: ({ phase, attempts }) => {
        const seconds = Math.round((Date.now() - since) / 1000);
        progress.update(`${phase}${attempts > 1 ? `, attempt ${attempts}` : ""} (${seconds} s)`);
      },
    });
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "deadline_exceeded") throw error;
    throw new FlyteError(
      "deadline_exceeded",
      `Run ${started.name} has not ended within --timeout; it goes on. See it with: flyte-webhook get run ${started.name}`,
      { cause: error },
    );
  } finally {
    process.off("SIGINT", leave);
  }
}

function toJson(ended: RunStatus, outputs: JsonObject | null): JsonObject {
  return {
    name: ended.name,
    url: ended.url,
    phase: ended.phase,
    outputs,
    error: ended.error?.message ?? ended.abortReason ?? null,
  };
}
