import { onTestFinished, vi } from "vitest";
import { taskRuntimeCommand } from "../../src/cli/own-commands.ts";
import { deploySystemTasks } from "../../src/cli/system-tasks.ts";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";

/** A devbox with the task that builds images. */
export interface BuildingDevbox {
  readonly devbox: Devbox;
  /** The way of a user to it. */
  as(
    subject: string,
    scope?: { readonly project?: string; readonly domain?: string },
  ): ControlPlane;
  keyOf(subject: string): string;
}

/**
 * Starts a devbox whose tasks find these programs alone, for the length of a test.
 *
 * @param path folders, as of a `docker`
 */
export async function startBuildingDevbox(
  path: readonly string[],
  state = "memory",
): Promise<BuildingDevbox> {
  vi.stubEnv("PATH", path.join(":"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const launchers = { "flyte-task": { argv: taskRuntimeCommand(), warm: true } };
  const devbox = await startDevbox({ state, port: 0, launchers });
  onTestFinished(() => devbox.close());
  const keyOf = (subject: string): string => devbox.keys[subject] ?? "";
  const as: BuildingDevbox["as"] = (subject, scope = {}) => {
    const controlPlane = createControlPlane({
      endpoint: devbox.url,
      project: "flytesnacks",
      domain: "development",
      ...scope,
      authenticator: bearerAuthenticator(keyOf(subject)),
    });
    onTestFinished(() => controlPlane.close());
    return controlPlane;
  };
  await deploySystemTasks(devbox, { env: {}, signal: AbortSignal.timeout(120_000) });
  return { devbox, as, keyOf };
}
