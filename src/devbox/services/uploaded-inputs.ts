import { fromBinary } from "@bufbuild/protobuf";
import { type Inputs, InputsSchema } from "../../idl/tasks.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Authorizer, Caller } from "../auth/caller.ts";
import { parseBlobUri } from "../blobs/blob-path.ts";
import type { BlobStore } from "../blobs/blob-store.ts";

export interface UploadedInputsOptions {
  readonly caller: Caller;
  readonly authorizer: Authorizer;
  readonly blobs: BlobStore;
}

/**
 * The URI of the file that uploaded inputs are in, from that of its folder.
 *
 * @throws FlyteError `not_found` when it is not there
 * @throws ConnectError `permission_denied` when it belongs to a scope that the caller may not read
 */
export async function findUploadedInputs(
  folder: string,
  { caller, authorizer, blobs }: UploadedInputsOptions,
): Promise<string> {
  const uri = `${folder.replace(/\/(inputs\.pb)?$/, "")}/inputs.pb`;
  authorizer.require(caller, "read", scopeOf(parseBlobUri(blobs.root, uri)));
  if (await blobs.exists(uri)) return uri;
  throw notThere();
}

/** What is in the file of {@link findUploadedInputs}. @throws the same */
export async function readUploadedInputs(
  folder: string,
  options: UploadedInputsOptions,
): Promise<Inputs> {
  const bytes = await options.blobs.read(await findUploadedInputs(folder, options));
  if (bytes === undefined) throw notThere();
  return fromBinary(InputsSchema, bytes);
}

function notThere(): FlyteError {
  return new FlyteError("not_found", "The uploaded inputs are not there; upload them again.");
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
