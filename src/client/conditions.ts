import { Filter_Function } from "../idl/identifiers.ts";
import { ActionType, RunService } from "../idl/runs.ts";
import { SignalService } from "../idl/signals.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { toEventPayload } from "../values/event-payload.ts";
import { type CallContext, startCall } from "./call-context.ts";
import type { ConditionCalls, ConditionStatus } from "./condition-calls.ts";
import { toConditionStatus } from "./condition-status.ts";
import { listPages } from "./list-pages.ts";
import { toAskedRun } from "./read-run.ts";
import type { AskedRun } from "./run-status.ts";
import { type Session, toRunId } from "./session.ts";

/** What a run is asked for at once. A run that waits for more people than that is none for people. */
const mostConditions = 1_000;
const concurrency = 8;

/** The calls about conditions. */
export function createConditionCalls(session: Session): ConditionCalls {
  const { channel, options: settings } = session;

  /** Control planes list hardly more than names, so each is asked for its details. */
  async function list(run: AskedRun, call: CallContext): Promise<readonly ConditionStatus[]> {
    const runId = toRunId(session, run, run.name);
    const filters = [
      {
        function: Filter_Function.EQUAL,
        field: "action_type",
        values: [String(ActionType.CONDITION)],
      },
    ];
    const names = await listPages(mostConditions, async (limit, token) => {
      const request = { limit, token, filters };
      const page = await channel.unary(RunService.method.listActions, { runId, request }, call);
      return { items: page.actions.map(({ id }) => id?.name ?? ""), token: page.token };
    });
    const found: ConditionStatus[] = [];
    for (let at = 0; at < names.length; at += concurrency) {
      const some = names.slice(at, at + concurrency).map((name) => read(run, name, call));
      found.push(...(await Promise.all(some)).filter((status) => status !== undefined));
    }
    const time = ({ since }: ConditionStatus) => since?.getTime() ?? 0;
    return found.sort((left, right) => time(left) - time(right));
  }

  async function read(
    run: AskedRun,
    action: string,
    call: CallContext,
  ): Promise<ConditionStatus | undefined> {
    const actionId = { run: toRunId(session, run, run.name), name: action };
    const { method } = RunService;
    const { details } = await channel.unary(method.getActionDetails, { actionId }, call);
    return toConditionStatus(details, run);
  }

  async function find(run: AskedRun, name: string, call: CallContext): Promise<ConditionStatus> {
    return choose(await list(run, call), run, name);
  }

  async function signal(
    before: ConditionStatus,
    run: AskedRun,
    value: JsonValue,
    call: CallContext,
  ): Promise<ConditionStatus> {
    const payload = toEventPayload(value, before);
    const actionId = { run: toRunId(session, run, run.name), name: before.action };
    const input = { actionId, parentActionName: before.parent, payload };
    try {
      // The control plane takes the same value again, so that this may be repeated.
      await channel.unary(SignalService.method.signalEvent, input, call);
    } catch (error) {
      if (!FlyteError.is(error) || error.code !== "precondition_failed") throw error;
      const now = await read(run, before.action, call);
      throw now === undefined || now.open ? error : hasEnded(now);
    }
    const after = await read(run, before.action, call);
    if (after?.open === false && after.phase === "succeeded") return after;
    throw new FlyteError(
      "conflict",
      `Condition ${JSON.stringify(before.name)} is ${after?.phase ?? "gone"} after the signal.`,
    );
  }

  return {
    async list(run, options) {
      return list(toAskedRun(session, run), startCall(options, settings.timeoutMs));
    },

    async get(ref, options) {
      const call = startCall(options, settings.timeoutMs);
      return find(toAskedRun(session, ref), ref.condition, call);
    },

    async signal(ref, value, options) {
      const call = startCall(options, settings.timeoutMs);
      const run = toAskedRun(session, ref);
      return signal(await find(run, ref.condition, call), run, value, call);
    },
  };
}

function choose(all: readonly ConditionStatus[], run: AskedRun, name: string): ConditionStatus {
  const named = all.filter((one) => one.action === name || one.name === name);
  const exact = named.find(({ action }) => action === name);
  const open = named.filter((one) => one.open);
  if (exact === undefined && open.length > 1) {
    const actions = open.map(({ action }) => action).join(", ");
    throw new FlyteError(
      "conflict",
      `Run ${run.name} waits for ${open.length} conditions named ${JSON.stringify(name)}; name the action instead: ${actions}.`,
    );
  }
  const chosen = exact ?? open[0] ?? named.at(-1);
  if (chosen !== undefined) return chosen;
  const waiting = all.filter((one) => one.open).map((one) => JSON.stringify(one.name));
  const hint = waiting.length === 0 ? "It waits for none" : `It waits for ${waiting.join(", ")}`;
  throw new FlyteError(
    "not_found",
    `Run ${run.name} has no condition ${JSON.stringify(name)}. ${hint}.`,
  );
}

function hasEnded({ name, value, signalledBy, endedAt, phase }: ConditionStatus): FlyteError {
  const shown = JSON.stringify(name);
  if (value === undefined) {
    return new FlyteError("conflict", `Condition ${shown} has ended without a signal: ${phase}.`);
  }
  const by = signalledBy === undefined ? "" : ` by ${signalledBy}`;
  const at = endedAt === undefined ? "" : ` at ${endedAt.toISOString()}`;
  const what = typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : String(value);
  return new FlyteError(
    "conflict",
    `Condition ${shown} was signalled with ${what}${by}${at} already.`,
  );
}
