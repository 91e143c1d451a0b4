import type { RunOptions, Scope, StartedRun } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { hookLabel } from "../../values/run-origin.ts";
import { Slot } from "../admission/slot.ts";
import { holdingSlot } from "../admission/with-slot.ts";
import { startOnce } from "../idempotency/start-once.ts";
import type { RequestRecord } from "../record/request-record.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { toPlanBody } from "../starting/plan-body.ts";
import { traceLabel } from "../starting/run-options.ts";
import type { Start, StartContext, Started } from "../starting/start.ts";
import { deliveryLabel, toLabelValue } from "./delivery-labels.ts";
import type { HookStart } from "./hook.ts";
import type { HookEvent } from "./provider.ts";
import type { ResolvedHook } from "./resolve-hooks.ts";
import type { StartsUnderWay } from "./starts-under-way.ts";

/** A proved event on its way to a task. */
export interface EventToStart {
  readonly hook: ResolvedHook;
  readonly options: ResolvedOptions;
  readonly underWay: StartsUnderWay;
  readonly event: HookEvent;
  readonly record: RequestRecord;
  readonly requestId: string;
  readonly traceId: string | undefined;
  /** Ends the wait for a turn, and nothing that has begun. */
  readonly signal: AbortSignal;
}

/** A task in the place where it was deployed. */
export type TaskOfEvent = Scope & { readonly name: string };

/**
 * The task that a mapping names, in the scope of the hook unless it says another.
 *
 * @throws FlyteError `invalid_config` when neither names a project and domain
 */
export function taskOfEvent({ runAs, name }: ResolvedHook, start: HookStart): TaskOfEvent {
  const { project = runAs.scope.project, domain = runAs.scope.domain } = start;
  if (project !== undefined && domain !== undefined) return { project, domain, name: start.task };
  throw new FlyteError(
    "invalid_config",
    `start of the hook "${name}" has to name project and domain of the task: the control plane has none.`,
  );
}

export type EventStarted = Started & { readonly isDuplicate: boolean };

/**
 * Starts the task of an event: once for each id of a delivery, however often and wherever it arrives, since the
 * run's name follows from it. An event without an id starts a run each time.
 */
export async function startForEvent(
  { hook, options, underWay, event, signal, ...request }: EventToStart,
  task: TaskOfEvent,
  decision: HookStart,
): Promise<EventStarted> {
  const { runAs } = hook;
  const { version, inputs = {} } = decision;
  const place = { project: task.project, domain: task.domain, name: task.name };
  const reference = { ...place, ...(version !== undefined && { version }) };
  const start: Start = {
    target: `task ${task.domain}/${task.project}/${task.name}`,
    // The id says that it is the same delivery: a mapping that has changed since makes no other of it.
    payload: null,
    options: {
      ...(runAs.auth !== null && { auth: runAs.auth }),
      ...(options.runScope === "task"
        ? { project: task.project, domain: task.domain }
        : runAs.scope),
      ...(decision.env !== undefined && { env: decision.env }),
      labels: labelsOf(hook, event, request.traceId, decision),
    },
    begin: (given: RunOptions) => runAs.controlPlane.runs.start(reference, inputs, given),
    plan: (given: RunOptions) =>
      runAs.controlPlane.runs.plan(reference, inputs, given).then(toPlanBody),
  };
  const context: StartContext = {
    ...request,
    options,
    controlPlane: runAs.controlPlane,
    auth: runAs.auth,
  };
  const { id } = event;
  const scope = `hook:${hook.name}` as const;
  const key = id === undefined ? undefined : JSON.stringify([scope, start.target, id]);
  const slot = new Slot(
    options.slots,
    () => scope,
    () => signal,
  );
  const { started, joined } = underWay.begin(key, () =>
    holdingSlot({ slot, record: request.record }, () =>
      startOnce(context, start, id === undefined ? undefined : { key: id, scope }),
    ),
  );
  const result = await started;
  if ("problem" in result) return { ...result, isDuplicate: false };
  if (joined) noteRun(request.record, result.run);
  return { run: result.run, isDuplicate: joined || result.run.existed };
}

function noteRun({ runs }: RequestRecord, { project, domain, name }: StartedRun): void {
  runs.push({ project, domain, name, isNew: false });
}

function labelsOf(
  { name }: ResolvedHook,
  { id }: HookEvent,
  traceId: string | undefined,
  { labels }: HookStart,
): Readonly<Record<string, string>> {
  return {
    ...labels,
    [hookLabel]: name,
    ...(id !== undefined && { [deliveryLabel]: toLabelValue(id) }),
    ...(traceId !== undefined && { [traceLabel]: traceId }),
  };
}
