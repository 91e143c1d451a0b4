import type { ControlPlane } from "../../client/control-plane.ts";

/** A call that failed: its group and name as in `runs.start`, and what it failed with. */
export interface FailedCall {
  readonly name: string;
  readonly error: unknown;
}

/** A control plane that remembers which of its calls failed last. */
export interface WatchedControlPlane {
  readonly controlPlane: ControlPlane;
  lastFailure(): FailedCall | undefined;
}

/** Watches the calls of one request: the original's error texts depend on which of them failed. */
export function watchFailures(controlPlane: ControlPlane): WatchedControlPlane {
  let last: FailedCall | undefined;
  const watched = <Calls extends object>(group: string, calls: Calls): Calls =>
    new Proxy(calls, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== "function") return member;
        return (...given: readonly unknown[]): unknown => {
          const result: unknown = Reflect.apply(member, target, given);
          if (!(result instanceof Promise)) return result;
          return result.catch((error: unknown) => {
            last = { name: `${group}.${String(key)}`, error };
            throw error;
          });
        };
      },
    });
  return {
    controlPlane: {
      ...controlPlane,
      tasks: watched("tasks", controlPlane.tasks),
      runs: watched("runs", controlPlane.runs),
      users: watched("users", controlPlane.users),
      apps: watched("apps", controlPlane.apps),
      triggers: watched("triggers", controlPlane.triggers),
      images: watched("images", controlPlane.images),
      conditions: watched("conditions", controlPlane.conditions),
    },
    lastFailure: () => last,
  };
}
