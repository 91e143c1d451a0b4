import { create, fromBinary } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { type DataProxyService, GetActionDataResponseSchema } from "../../idl/data-proxy.ts";
import { InputsSchema, OutputsSchema } from "../../idl/tasks.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { findOutputsUri } from "../store/action-events.ts";
import { type RunServiceOptions, requireAction } from "./find-run.ts";

/**
 * `DataProxyService.GetActionData`: inputs and outputs of an action. What is not there is empty and no
 * error, as of a run that has not ended or has failed.
 */
export function createGetActionData(
  options: RunServiceOptions & { readonly blobs: BlobStore },
): ServiceImpl<typeof DataProxyService>["getActionData"] {
  const { blobs, database } = options;
  return async ({ actionId }, context) => {
    const { row } = requireAction(options, actionId, context);
    const outputsUri = findOutputsUri(database, row.id);
    const [inputs, outputs] = await Promise.all([
      blobs.read(row.inputs_uri),
      outputsUri === undefined ? undefined : blobs.read(outputsUri),
    ]);
    return create(GetActionDataResponseSchema, {
      inputs: inputs === undefined ? create(InputsSchema) : fromBinary(InputsSchema, inputs),
      outputs: outputs === undefined ? create(OutputsSchema) : fromBinary(OutputsSchema, outputs),
    });
  };
}
