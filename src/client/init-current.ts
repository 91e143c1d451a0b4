import { FlyteError } from "../shared/errors.ts";
import type { ControlPlane } from "./control-plane.ts";

let current: ControlPlane | undefined;

/** The control plane that this process is connected to, if it is. */
export function connectedControlPlane(): ControlPlane | undefined {
  return current;
}

/**
 * The control plane that `init` or one of its siblings connected this process to.
 *
 * @throws FlyteError `not_initialized` when none has been called
 */
export function currentControlPlane(): ControlPlane {
  if (current !== undefined) return current;
  throw new FlyteError(
    "not_initialized",
    "No control plane is connected. Call init(), initPassthrough() or initFromConfig() and await it first.",
  );
}

/**
 * The project of calls that name none.
 *
 * @throws FlyteError `not_initialized` when there is no control plane or no project configured
 */
export function currentProject(): string {
  return configured(
    currentControlPlane().project,
    "project",
    "FLYTE_INTERNAL_EXECUTION_PROJECT or FLYTE_TASK_PROJECT",
  );
}

/**
 * The domain of calls that name none.
 *
 * @throws FlyteError `not_initialized` when there is no control plane or no domain configured
 */
export function currentDomain(): string {
  return configured(
    currentControlPlane().domain,
    "domain",
    "FLYTE_INTERNAL_EXECUTION_DOMAIN or FLYTE_TASK_DOMAIN",
  );
}

function configured(value: string | undefined, name: string, variables: string): string {
  if (value !== undefined) return value;
  throw new FlyteError(
    "not_initialized",
    `No ${name} is configured. Give ${name} to init(), set ${variables}, or put task.${name} into the configuration file.`,
  );
}

/** Makes `next` the current control plane and closes the one before. */
export function replaceControlPlane(next: ControlPlane): ControlPlane {
  const previous = current;
  current = next;
  // Not awaited: calls under way on the old one may take their time, the new one is ready now.
  if (previous !== next) previous?.close().catch(() => undefined);
  return next;
}

/** Closes the current control plane, if there is one; every use needs a new `init` then. */
export async function closeControlPlane(): Promise<void> {
  const previous = current;
  current = undefined;
  await previous?.close();
}
