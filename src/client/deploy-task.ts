import { TaskService, type TaskSpec } from "../idl/tasks.ts";
import type { TaskTrigger } from "../idl/triggers.ts";
import { startCall } from "./call-context.ts";
import type { CallOptions, ControlPlane } from "./control-plane.ts";
import { sessionOf } from "./session-of.ts";

export interface TaskDeployment {
  readonly spec: TaskSpec;
  /** They take the place of those it has; without any, those stay. @default [] */
  readonly triggers?: readonly TaskTrigger[];
}

/**
 * Registers one version of a task (`TaskService.DeployTask`). The same version deployed again
 * replaces its specification, so the call may be repeated.
 *
 * @throws FlyteError `not_found` when the project does not exist
 */
export async function deployTask(
  controlPlane: ControlPlane,
  { spec, triggers = [] }: TaskDeployment,
  options?: CallOptions,
): Promise<void> {
  const { channel, options: settings } = sessionOf(controlPlane);
  const { project = "", domain = "", name = "", version = "" } = spec.taskTemplate?.id ?? {};
  const taskId = { org: settings.org, project, domain, name, version };
  await channel.unary(
    TaskService.method.deployTask,
    { taskId, spec, triggers: [...triggers] },
    startCall(options, settings.timeoutMs),
  );
}
