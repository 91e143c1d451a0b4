import { create } from "@bufbuild/protobuf";
import type { CreateRunRequest } from "../../idl/runs.ts";
import { type Inputs, InputsSchema } from "../../idl/tasks.ts";
import type { Authorizer, Caller } from "../auth/caller.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { toDeterministicBytes } from "./deterministic-bytes.ts";
import type { RunTask } from "./run-task.ts";
import { findUploadedInputs } from "./uploaded-inputs.ts";

export interface PlaceInputsOptions {
  readonly task: RunTask;
  readonly runBase: string;
  readonly caller: Caller;
  readonly authorizer: Authorizer;
  readonly blobs: BlobStore;
}

/**
 * Makes sure that a run's inputs are in the store and returns the URI of the file: uploaded ones as
 * they are, inline ones with the task's defaults for what is not given.
 *
 * @throws FlyteError `not_found` when uploaded inputs are not there, `permission_denied` when they
 *   belong to a scope that the caller may not read
 */
export async function placeInputs(
  { inputWrapper }: CreateRunRequest,
  { task, runBase, caller, authorizer, blobs }: PlaceInputsOptions,
): Promise<string> {
  if (inputWrapper.case === "offloadedInputData") {
    return findUploadedInputs(inputWrapper.value.uri, { caller, authorizer, blobs });
  }
  const given = inputWrapper.case === "inputs" ? inputWrapper.value : create(InputsSchema);
  const uri = `${runBase}/inputs/inputs.pb`;
  await blobs.write(uri, toDeterministicBytes(InputsSchema, fillDefaults(given, task)));
  return uri;
}

function fillDefaults(given: Inputs, { spec }: RunTask): Inputs {
  const names = new Set(given.literals.map(({ name }) => name));
  const defaults = spec.defaultInputs.flatMap(({ name, parameter }) =>
    parameter?.behavior.case === "default" && !names.has(name)
      ? [{ name, value: parameter.behavior.value }]
      : [],
  );
  const { context, literals } = given;
  return create(InputsSchema, { context, literals: [...literals, ...defaults] });
}
