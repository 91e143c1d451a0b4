import type { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { DataProxyService } from "../idl/data-proxy.ts";
import type { Inputs, TaskIdentifier, TaskSpec } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import { writeOffloadedInputs } from "../values/trigger-inputs.ts";
import type { CallContext } from "./call-context.ts";
import type { Channel } from "./channel.ts";
import type { Scope } from "./control-plane.ts";
import { type Session, toProjectId } from "./session.ts";

/** `OPERATION_UPLOAD_TRIGGER`, which came after the IDL package this project is built with. */
const uploadTrigger = 9 as SelectClusterRequest_Operation;

/** The inputs of a trigger to be. */
export interface TriggerInputs {
  readonly scope: Scope;
  /** The task, by its identifier when it is registered, else by its specification. */
  readonly task:
    | { readonly case: "taskId"; readonly value: TaskIdentifier }
    | { readonly case: "taskSpec"; readonly value: TaskSpec };
  /** Complete, but for the input of the fire time. */
  readonly inputs: Inputs;
}

/**
 * Gives a trigger its inputs: uploaded, since that is where control planes look for them when the trigger
 * fires, and as a part of the trigger on those that do not know uploads for triggers.
 */
export async function placeTriggerInputs<Spec extends { inputs?: Inputs } & InputsHolder>(
  session: Session,
  spec: Spec,
  { scope, task, inputs }: TriggerInputs,
  call: CallContext,
): Promise<Spec> {
  if (inputs.literals.length > 0) {
    const id = { case: "projectId" as const, value: toProjectId(session, scope) };
    const uploaded = await upload(session, { id, task, inputs }, call);
    if (uploaded !== undefined) return writeOffloadedInputs(spec, uploaded);
  }
  spec.inputs = inputs;
  return spec;
}

type InputsHolder = Parameters<typeof writeOffloadedInputs>[0];

interface UploadRequest extends Pick<TriggerInputs, "task" | "inputs"> {
  readonly id: { readonly case: "projectId"; readonly value: ReturnType<typeof toProjectId> };
}

async function upload(session: Session, request: UploadRequest, call: CallContext) {
  const channel = await findCluster(session, request, call);
  if (channel === undefined) return undefined;
  try {
    const { uploadInputs } = DataProxyService.method;
    return (await channel.unary(uploadInputs, request, call)).offloadedInputData;
  } catch (error) {
    if (FlyteError.is(error) && error.code === "unimplemented") return undefined;
    throw error;
  }
}

async function findCluster(
  session: Session,
  { id }: UploadRequest,
  call: CallContext,
): Promise<Channel | undefined> {
  try {
    return await session.clusters.route({ operation: uploadTrigger, resource: id }, call);
  } catch (error) {
    // How a control plane answers an operation that it does not know.
    if (FlyteError.is(error) && error.code === "invalid_input") return undefined;
    throw error;
  }
}
