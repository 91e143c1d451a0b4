import { clone, create } from "@bufbuild/protobuf";
import { type RunSpec, RunSpecSchema } from "../idl/runs.ts";
import { InputsSchema } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { toDefaults } from "../values/default-inputs.ts";
import { toInputs } from "../values/task-inputs.ts";
import type { CallContext } from "./call-context.ts";
import { findTask } from "./find-task.ts";
import { readRunDetails } from "./read-run.ts";
import { readActionData } from "./read-run-io.ts";
import type { RerunOptions } from "./run-calls.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";
import type { PreparedRun } from "./start-run.ts";
import type { TaskCache } from "./task-cache.ts";
import { toTaskInterface } from "./task-details.ts";

export interface RerunParts {
  readonly asked: AskedRun;
  /** What is laid over the inputs of the earlier run. */
  readonly inputs: JsonObject;
  readonly options: RerunOptions;
  readonly call: CallContext;
}

/** A run like an earlier one, as `RunCalls.rerun` tells. */
export async function prepareRerun(
  session: Session,
  cache: TaskCache,
  { asked, inputs, options, call }: RerunParts,
): Promise<PreparedRun> {
  if (options.name !== undefined) toIdentifier("run name", options.name);
  const details = await readRunDetails(session, asked, call);
  const status = toRunStatus(details?.action, asked);
  if (status.task === undefined) throw withoutTask(asked.name);
  const { project, domain, name, version: earlier } = status.task;
  const version = options.version ?? earlier;
  const ref = { project, domain, name, ...(version !== "latest" && { version }) };
  const [known, data] = await Promise.all([
    findTask(session, cache, ref, call),
    readActionData(session, asked, call),
  ]);
  const scope = toScope(session, options, asked);
  const taken = toTaskInterface(known);
  return {
    sought: { scope, options, known },
    toRun: () => {
      const own = toDefaults(data.inputs);
      const defaultInputs = [...taken.defaultInputs, ...own]; // The last ones win.
      const { literals } = toInputs({ ...taken, defaultInputs }, inputs);
      return {
        scope,
        task: { case: "taskId", value: known.id },
        inputs: create(InputsSchema, { literals, context: data.inputs?.context ?? [] }),
        options,
        base: withoutOwn(details?.runSpec),
      };
    },
  };
}

/** Labels and annotations that tell where a run came from are not those of another run. */
const own = "flyte-webhook/";

function withoutOwn(given: RunSpec | undefined): RunSpec {
  const spec = given === undefined ? create(RunSpecSchema) : clone(RunSpecSchema, given);
  for (const values of [spec.labels?.values, spec.annotations?.values]) {
    for (const key of Object.keys(values ?? {})) {
      if (key.startsWith(own)) delete values?.[key];
    }
  }
  return spec;
}

function withoutTask(run: string): FlyteError {
  return new FlyteError(
    "precondition_failed",
    `Run ${run} is of no registered task, so that it cannot be started again. Register the task, and start a run of it.`,
  );
}
