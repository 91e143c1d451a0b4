import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { openState } from "../../src/devbox/state.ts";
import { type ActionKey, insertAction, updateOpenAction } from "../../src/devbox/store/actions.ts";
import type { Database } from "../../src/devbox/store/database.ts";
import { insertTaskSpec } from "../../src/devbox/store/tasks.ts";
import { RunSpecSchema } from "../../src/idl/runs.ts";
import { type TaskSpec, TaskSpecSchema } from "../../src/idl/tasks.ts";
import { fromPhase } from "../../src/values/phases.ts";

const scope = { project: "flytesnacks", domain: "development" };
const ends = ["succeeded", "succeeded", "succeeded", "failed", "succeeded", "aborted"] as const;
const tasks = ["stats.describe", "orders.import", "regression.train_model"];
const owners = ["alice", "bob"];

/** Time between two runs; now and then several start at one moment. */
const stepMs = 7_000;
const together = 5;

/**
 * Fills the state folder of a devbox that is not running with runs that have ended: `filled-00000`, the newest, and
 * so on into the past.
 */
export async function fillRuns(folder: string, count: number, now = Date.now()): Promise<void> {
  await using state = await openState(folder);
  const { database } = state;
  const spec: TaskSpec = create(TaskSpecSchema);
  const bytes = toBinary(TaskSpecSchema, spec);
  const digest = createHash("sha256").update(bytes).digest("hex");
  database.writeNow(() => {
    insertTaskSpec(database, digest, bytes);
    for (let index = count - 1; index >= 0; index -= 1)
      insertEnded(database, { digest, index, now });
  });
}

/** Name of the run that `fillRuns` stored at a place, counted from the newest. */
export function filledName(index: number): string {
  return `filled-${String(index).padStart(5, "0")}`;
}

function insertEnded(
  database: Database,
  { digest, index, now }: { readonly digest: string; readonly index: number; readonly now: number },
): void {
  const key: ActionKey = { ...scope, run: filledName(index), name: "a0" };
  const task = tasks[index % tasks.length] ?? "";
  const startedMs = now - 60_000 - Math.floor(index / together) * together * stepMs;
  const { row } = insertAction(database, {
    ...key,
    parent: null,
    phase: fromPhase("queued"),
    task_project: scope.project,
    task_domain: scope.domain,
    task_name: task,
    task_version: "filled",
    task_type: "container",
    environment: "",
    function_name: task,
    spec_digest: digest,
    run_spec: toBinary(RunSpecSchema, create(RunSpecSchema)),
    inputs_uri: "",
    run_base: "",
    source: 0,
    owner: owners[index % owners.length] ?? "",
    created_at: startedMs,
  });
  const endedMs = startedMs + 100 + ((index * 7_919) % 60_000);
  const phase = fromPhase(ends[index % ends.length] ?? "succeeded");
  updateOpenAction(database, row.id, { phase, attempts: 1, ended_at: endedMs }, endedMs);
}
