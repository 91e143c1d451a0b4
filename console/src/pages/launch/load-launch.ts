import { clone, create } from "@bufbuild/protobuf";
import { type RunDetails, type RunSpec, RunSpecSchema } from "../../../../src/idl/runs.ts";
import {
  type Inputs,
  InputsSchema,
  type TaskDetails,
  type TaskIdentifier,
} from "../../../../src/idl/tasks.ts";
import { ownLabelPrefix } from "../../../../src/values/run-option-rules.ts";
import type { TaskInterface } from "../../../../src/values/task-inputs.ts";
import { dataProxy, runs } from "../../control-plane/clients.ts";
import { latestVersion, readTaskDetails } from "../../control-plane/read-task.ts";
import { type AdaptedInputs, adaptInputs } from "../../launch/adapt-inputs.ts";
import type { Scope } from "../../scope.ts";

/** All that the launch form is made of. */
export interface Launch {
  readonly id: TaskIdentifier;
  readonly details: TaskDetails;
  readonly taken: TaskInterface;
  /** The version deployed last. */
  readonly latest: string;
  /** The run whose inputs the form begins with. */
  readonly from: EarlierRun | undefined;
}

export interface EarlierRun {
  readonly name: string;
  readonly inputs: AdaptedInputs;
  /** What it said of itself: labels, environment, cache. */
  readonly spec: RunSpec;
  readonly context: Inputs["context"];
  /** Its task, where it is another one. */
  readonly otherTask: string | undefined;
}

export interface LaunchAsked {
  readonly scope: Scope;
  readonly task: string;
  readonly version: string | undefined;
  readonly from: string | undefined;
}

/** Reads the version that is asked for: that of the address, of the earlier run, or the latest. */
export async function loadLaunch(asked: LaunchAsked, signal: AbortSignal): Promise<Launch> {
  const { scope, task, from } = asked;
  const [latest, run] = await Promise.all([
    latestVersion(scope, task, signal),
    from === undefined ? undefined : readRun(scope, from, signal),
  ]);
  const ofRun = run === undefined ? undefined : taskOf(run.details);
  const isSame = ofRun?.name === task && ofRun.project === scope.project;
  const version = asked.version ?? (isSame ? ofRun?.version : undefined) ?? latest;
  const { id, details } = await readTaskDetails(scope, { name: task, version }, signal);
  const taken = toTaken(details);
  return {
    id,
    details,
    taken,
    latest,
    from: run && toEarlier(run, { taken, otherTask: isSame ? undefined : (ofRun?.name ?? "none") }),
  };
}

function toTaken({ spec }: TaskDetails): TaskInterface {
  return {
    ...(spec?.taskTemplate?.interface && { interface: spec.taskTemplate.interface }),
    defaultInputs: spec?.defaultInputs ?? [],
  };
}

interface ReadRun {
  readonly name: string;
  readonly details: RunDetails | undefined;
  readonly inputs: Inputs;
}

async function readRun(scope: Scope, name: string, signal: AbortSignal): Promise<ReadRun> {
  const run = { ...scope, name };
  const [{ details }, data] = await Promise.all([
    runs.getRunDetails({ runId: run }, { signal }),
    dataProxy.getActionData({ actionId: { run, name: "a0" } }, { signal }),
  ]);
  return { name, details, inputs: data.inputs ?? create(InputsSchema) };
}

function taskOf(details: RunDetails | undefined): TaskIdentifier | undefined {
  const spec = details?.action?.metadata?.spec;
  return spec?.case === "task" ? spec.value.id : undefined;
}

function toEarlier(
  { name, details, inputs }: ReadRun,
  { taken, otherTask }: { readonly taken: TaskInterface; readonly otherTask: string | undefined },
): EarlierRun {
  const spec = details?.action?.spec;
  const variables =
    spec?.case === "task" ? (spec.value.taskTemplate?.interface?.inputs?.variables ?? []) : [];
  const types = new Map(variables.map(({ key, value }) => [key, value?.type]));
  return {
    name,
    inputs: adaptInputs(inputs, (input) => types.get(input), taken),
    spec: withoutOwn(details?.runSpec),
    context: inputs.context,
    otherTask,
  };
}

/** Labels and annotations that tell where a run came from are not those of another run. */
function withoutOwn(given: RunSpec | undefined): RunSpec {
  const spec = given === undefined ? create(RunSpecSchema) : clone(RunSpecSchema, given);
  for (const values of [spec.labels?.values, spec.annotations?.values]) {
    for (const key of Object.keys(values ?? {})) {
      if (key.startsWith(ownLabelPrefix)) delete values?.[key];
    }
  }
  return spec;
}
