import { fromBinary } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { RunSpecSchema } from "../../idl/runs.ts";
import type { Secret } from "../../idl/security.ts";
import type { TaskSpec } from "../../idl/tasks.ts";
import type { AttemptError, AttemptRequest } from "../executor/executor.ts";
import type { ActionRow } from "../store/actions.ts";
import type { Database } from "../store/database.ts";
import { readTaskSpec } from "./read-task-spec.ts";

/** What is to be executed for an attempt, or why nothing can be. */
export type Plan =
  | {
      readonly kind: "run";
      readonly request: AttemptRequest;
      readonly maxAttempts: number;
      /** What the task is to get beside the request. */
      readonly secrets: readonly Secret[];
    }
  | { readonly kind: "refused"; readonly error: AttemptError };

/** Reads an action's task and run specifications into a request to the executor. */
export function planAttempt(database: Database, row: ActionRow, attempt: number): Plan {
  const spec = readTaskSpec(database, row.spec_digest);
  if (spec === undefined) return refused("its specification is gone");
  const { taskTemplate } = spec;
  const target = taskTemplate?.target;
  if (target?.case !== "container") {
    return refused(
      `it is defined by ${target?.case ?? "nothing"}; the devbox runs tasks with a container and its arguments`,
    );
  }
  const argv = [...target.value.command, ...target.value.args];
  if (argv.length === 0) return refused("its container has neither command nor arguments");
  const runSpec = fromBinary(RunSpecSchema, row.run_spec);
  // As in a pod, the task's own variables win over the run's.
  const pairs = [...(runSpec.envs?.values ?? []), ...target.value.env];
  const bad = pairs.find(({ key, value }) => !/^[^=\0]+$/.test(key) || value.includes("\0"));
  if (bad !== undefined) {
    return refused(`${JSON.stringify(bad.key)} cannot be set as an environment variable`);
  }
  const timeout = taskTemplate?.metadata?.timeout;
  const timeoutMs = timeout === undefined ? 0 : durationMs(timeout);
  return {
    kind: "run",
    maxAttempts: 1 + retriesOf(taskTemplate),
    secrets: taskTemplate?.securityContext?.secrets ?? [],
    request: {
      org: "",
      project: row.project,
      domain: row.domain,
      run: row.run,
      action: row.name,
      attempt,
      task: {
        project: row.task_project,
        domain: row.task_domain,
        name: row.task_name,
        version: row.task_version,
      },
      argv,
      env: Object.fromEntries(pairs.map(({ key, value }) => [key, value])),
      inputsUri: row.inputs_uri,
      runBase: row.run_base,
      // A run that starts late, for example because the devbox was off, counts from when it was due.
      runStartTime: new Date(row.due_at ?? row.created_at),
      ...(timeoutMs > 0 ? { timeoutMs } : {}),
    },
  };
}

function retriesOf(template: TaskSpec["taskTemplate"]): number {
  return template?.metadata?.retries?.retries ?? 0;
}

function refused(reason: string): Plan {
  const message = `The task cannot run on the devbox: ${reason}.`;
  return { kind: "refused", error: { code: "UnsupportedTask", message, kind: "user" } };
}
