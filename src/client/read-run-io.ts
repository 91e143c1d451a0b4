import { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { DataProxyService, type GetActionDataResponse } from "../idl/data-proxy.ts";
import type { TypedInterface } from "../idl/literals.ts";
import type { ActionDetails } from "../idl/runs.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { fromInputs, fromNamedOutputs, fromOutputs } from "../values/task-inputs.ts";
import type { CallContext } from "./call-context.ts";
import type { RunIo, RunStatus } from "./control-plane.ts";
import { readRunDetails, toRootActionId } from "./read-run.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";
import type { Session } from "./session.ts";

/** The state of a run with its inputs and, once it has ended, its outputs. */
export async function readRunIo(
  session: Session,
  asked: AskedRun,
  call: CallContext,
): Promise<RunIo & { readonly status: RunStatus }> {
  const action = (await readRunDetails(session, asked, call))?.action;
  const status = toRunStatus(action, asked);
  // Neither a task nor a trace: a condition, which has no data of its own.
  if (action?.spec.case === undefined) {
    const outputs = status.done ? {} : null;
    return { status, inputs: {}, outputs, namedOutputs: outputs };
  }
  const data = await readActionData(session, asked, call);
  return { status, ...decode(status, data, findInterface(action)) };
}

/** What went into a run and came out of it. */
export async function readActionData(
  session: Session,
  asked: AskedRun,
  call: CallContext,
): Promise<GetActionDataResponse> {
  const actionId = toRootActionId(session, asked);
  const operation = SelectClusterRequest_Operation.GET_ACTION_DATA;
  const resource = { case: "actionId" as const, value: actionId };
  const channel = await session.clusters.route({ operation, resource }, call);
  return channel.unary(DataProxyService.method.getActionData, { actionId }, call);
}

function findInterface({ spec }: ActionDetails): TypedInterface | undefined {
  if (spec.case === "task") return spec.value.taskTemplate?.interface;
  return spec.case === "trace" ? spec.value.interface : undefined;
}

function decode(
  status: RunStatus,
  { inputs, outputs }: GetActionDataResponse,
  signature: TypedInterface | undefined,
): RunIo {
  const succeeded = status.phase === "succeeded" || status.phase === "recovered";
  const toOutputs = (read: typeof fromOutputs): JsonObject | null =>
    succeeded && outputs ? readable("outputs", status, () => read(outputs, signature)) : null;
  return {
    inputs: readable("inputs", status, () => (inputs ? fromInputs(inputs, signature) : {})),
    outputs: toOutputs(fromOutputs),
    namedOutputs: toOutputs(fromNamedOutputs),
  };
}

function readable(what: string, { name }: RunStatus, read: () => JsonObject): JsonObject {
  try {
    return read();
  } catch (cause) {
    const reason = FlyteError.is(cause) ? `: ${cause.message}` : ".";
    throw new FlyteError(
      "internal",
      `The ${what} of run ${name} cannot be shown as JSON${reason}`,
      {
        cause,
      },
    );
  }
}
