import { resolve } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { onTestFinished, vi } from "vitest";
import { deployFile } from "../../src/cli/deploy-file.ts";
import { taskRuntimeCommand } from "../../src/cli/own-commands.ts";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { ProjectService } from "../../src/idl/projects.ts";

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
  await createProject(devbox, "system");
  const file = resolve(import.meta.dirname, "../../src/system-tasks/build-image/build-image.ts");
  await deployFile(as("alice", { project: "system", domain: "production" }), file, {});
  return { devbox, as, keyOf };
}

/** Creates a project; one that is there stays. */
export async function createProject(devbox: Devbox, id: string): Promise<void> {
  const transport = createConnectTransport({ baseUrl: devbox.url, httpVersion: "1.1" });
  const headers = { authorization: `Bearer ${devbox.keys["alice"]}` };
  const projects = createClient(ProjectService, transport);
  const known = await projects.listProjects({}, { headers });
  if (known.projects?.projects.some((project) => project.id === id) === true) return;
  await projects.createProject({ project: { id, name: id } }, { headers });
}
