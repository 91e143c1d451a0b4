import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  type UploadInputsRequest,
  type UploadInputsResponse,
  UploadInputsResponseSchema,
} from "../../idl/data-proxy.ts";
import { InputsSchema, type TaskSpec } from "../../idl/tasks.ts";
import { FlyteError } from "../../shared/errors.ts";
import { toBlobSegment } from "../blobs/blob-path.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { readTaskSpec } from "../engine/read-task-spec.ts";
import type { Database } from "../store/database.ts";
import { findTask, type Scope } from "../store/tasks.ts";
import { readTaskId } from "./deployed-task.ts";
import { toDeterministicBytes } from "./deterministic-bytes.ts";
import { hashInputs } from "./inputs-hash.ts";
import { requireTrigger, taskOfTrigger } from "./run-trigger.ts";
import { required, requiredText } from "./scope.ts";

/** The project and domain the inputs are for. @throws FlyteError `invalid_input` */
export function readUploadScope({ id }: UploadInputsRequest): Scope & { readonly org: string } {
  if (id.case === "runId") {
    return {
      org: id.value.org,
      project: requiredText(id.value.project, "run_id.project", 63),
      domain: requiredText(id.value.domain, "run_id.domain", 63),
    };
  }
  const projectId = required(id.value, "project_id or run_id");
  return {
    org: projectId.organization,
    project: requiredText(projectId.name, "project_id.name", 63),
    domain: requiredText(projectId.domain, "project_id.domain", 63),
  };
}

/** Stores inputs under their hash, for a CreateRun that names them. The caller is already checked. */
export async function uploadInputs(
  request: UploadInputsRequest,
  { database, blobs }: { readonly database: Database; readonly blobs: BlobStore },
): Promise<UploadInputsResponse> {
  const { org, project, domain } = readUploadScope(request);
  const inputs = request.inputs ?? create(InputsSchema);
  const metadata = findSpec(request, database)?.taskTemplate?.metadata;
  const hash = hashInputs(inputs, new Set(metadata?.cacheIgnoreInputVars));
  const parents = [...(org === "" ? [] : [org]), project, domain].map(toBlobSegment);
  const folder = [blobs.root, "uploads", ...parents, "offloaded-inputs", hash].join("/");
  const uri = await store(blobs, folder, toDeterministicBytes(InputsSchema, inputs));
  return create(UploadInputsResponseSchema, { offloadedInputData: { uri, inputsHash: hash } });
}

/**
 * Inputs of the same hash can differ in what the cache ignores, and a hash of 64 bits can be made
 * to collide; what an earlier run was promised is never overwritten.
 */
async function store(blobs: BlobStore, folder: string, bytes: Uint8Array): Promise<string> {
  const existing = await blobs.read(`${folder}/inputs.pb`);
  if (existing !== undefined) {
    if (Buffer.compare(existing, bytes) === 0) return folder;
    return store(blobs, `${folder}-${createHash("sha256").update(bytes).digest("hex")}`, bytes);
  }
  await blobs.write(`${folder}/inputs.pb`, bytes);
  return folder;
}

function findSpec({ task }: UploadInputsRequest, database: Database): TaskSpec | undefined {
  if (task.case === "taskSpec") return task.value;
  const id =
    task.case === "triggerName"
      ? taskOfTrigger(requireTrigger(database, task.value))
      : readTaskId(required(task.value, "task_id, task_spec or trigger_name"));
  const row = findTask(database, id);
  const spec = row === undefined ? undefined : readTaskSpec(database, row.spec_digest);
  if (spec !== undefined) return spec;
  const name = `${id.project}/${id.domain}/${id.name}@${id.version}`;
  throw new FlyteError("not_found", `task ${JSON.stringify(name)} not found`);
}
