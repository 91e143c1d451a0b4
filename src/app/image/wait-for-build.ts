import type { ControlPlane, RunStatus, WaitOptions } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";

/**
 * Waits until the control plane has built an image, however long it takes.
 *
 * @returns where the image is
 * @throws FlyteError `run_failed` when the build ends badly, with what the run told of it
 */
export async function waitForBuild(
  controlPlane: ControlPlane,
  run: RunStatus,
  options: Pick<WaitOptions, "onStatus" | "signal"> = {},
): Promise<string> {
  const ended = await controlPlane.runs.wait(run, {
    ...options,
    timeoutMs: Number.POSITIVE_INFINITY,
  });
  if (ended.phase !== "succeeded" && ended.phase !== "recovered") {
    throw failed(`ended as ${ended.phase}: ${ended.error?.message ?? "it tells no reason"}`, run);
  }
  const { outputs } = await controlPlane.runs.io(ended);
  const [uri] = Object.values(outputs ?? {});
  if (typeof uri === "string" && uri !== "") return uri;
  throw failed("ended without telling where the image is", run);
}

function failed(how: string, { name }: RunStatus): FlyteError {
  return new FlyteError(
    "run_failed",
    `The build ${how.replace(/\.$/, "")}. See it with: flyte-webhook get logs ${name}`,
  );
}
