import { create } from "@bufbuild/protobuf";
import type { CreateRunRequest } from "../../idl/runs.ts";
import { type Inputs, InputsSchema } from "../../idl/tasks.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Authorizer, Caller } from "../auth/caller.ts";
import { parseBlobUri } from "../blobs/blob-path.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { toDeterministicBytes } from "./deterministic-bytes.ts";
import type { RunTask } from "./run-task.ts";

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
    const uri = `${inputWrapper.value.uri.replace(/\/(inputs\.pb)?$/, "")}/inputs.pb`;
    authorizer.require(caller, "read", scopeOf(parseBlobUri(blobs.root, uri)));
    if (await blobs.exists(uri)) return uri;
    throw new FlyteError("not_found", "The uploaded inputs are not there; upload them again.");
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

/** Whose inputs they are: `uploads/[ORG/]PROJECT/DOMAIN/offloaded-inputs/…` or `runs/PROJECT/DOMAIN/…`. */
function scopeOf(segments: readonly string[]): { project: string; domain: string } {
  const at = segments[0] === "uploads" ? segments.indexOf("offloaded-inputs") - 2 : 1;
  const [project, domain] = at < 1 ? [] : segments.slice(at, at + 2);
  if (project === undefined || domain === undefined) {
    throw new FlyteError(
      "invalid_input",
      "offloaded_input_data.uri names no inputs; give the URI that UploadInputs answered.",
    );
  }
  return { project, domain };
}
