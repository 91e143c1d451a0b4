import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import {
  type ActionsService,
  type ActionUpdate,
  ConditionActionSchema,
  ConditionPromptType,
} from "../../idl/actions.ts";
import type { ActionIdentifier } from "../../idl/identifiers.ts";
import { fromLiteral } from "../../values/literals.ts";
import { isTerminal, toPhase } from "../../values/phases.ts";
import type { ConditionOptions, ConditionValue, WaitFor } from "../condition.ts";
import { toNative } from "../json-values.ts";
import { toLiteralType } from "../literal-types.ts";
import { t } from "../t.ts";
import { UserError } from "../task-errors.ts";

export interface WaitForOptions {
  /** Makes the client when it is needed. */
  readonly client: () => Promise<Client<typeof ActionsService>>;
  /** The action of this attempt. */
  readonly parent: ActionIdentifier;
  readonly runBase: string;
  /** Ends the wait with the attempt. */
  readonly signal: AbortSignal;
}

const kinds: ReadonlySet<string> = new Set(["boolean", "int", "bigint", "float", "string"]);
const maxBackoffMs = 10_000;

/**
 * Makes `ctx.waitFor`. What a task waits for is an action of its own below the task's, named by what it is and
 * how often the task has asked for it: so a further attempt finds the answer that the one before it has got.
 */
export function createWaitFor({ client, parent, runBase, signal }: WaitForOptions): WaitFor {
  // Clusters find the part of the control plane that has the run by these.
  const headers = {
    "x-actions-project": parent.run?.project ?? "",
    "x-actions-domain": parent.run?.domain ?? "",
    "x-actions-run": parent.run?.name ?? "",
    "x-actions-parent-action": parent.name,
  };
  const counts = new Map<string, number>();
  let actions: Promise<Client<typeof ActionsService>> | undefined;

  return async (name, options = {}) => {
    const spec = toCondition(name, options);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const actionId = { ...parent, name: actionName(parent.name, name, count) };
    actions ??= client();
    const calls = await actions;
    const action = {
      actionId,
      parentActionName: parent.name,
      runOutputBase: runBase,
      inputUri: `${runBase}/${actionId.name}/inputs.pb`,
      spec: { case: "condition", value: spec },
    } as const;
    await untilDone(signal, () => calls.enqueue({ action }, { signal, headers }));
    const end = await untilDone(signal, () => watch(calls, { parent, actionId, signal, headers }));
    return toValue(name, options, end);
  };
}

function toCondition<Value extends ConditionValue>(
  name: string,
  { type, prompt, promptType, description, timeoutMs }: ConditionOptions<Value>,
) {
  const shape = (type ?? t.boolean()).shape;
  const faults = [
    ...(name === "" || /\p{Cc}/u.test(name) ? ["the name must be a text of one line"] : []),
    ...(kinds.has(shape.kind) ? [] : ["the type must be a boolean, int, bigint, float or string"]),
    ...(timeoutMs === undefined || (timeoutMs > 0 && Number.isFinite(timeoutMs))
      ? []
      : ["timeoutMs must be a positive number"]),
  ];
  if (faults.length > 0) {
    const message = `Condition ${JSON.stringify(name)} cannot be waited for: ${faults.join("; ")}.`;
    throw new UserError(message, { code: "InvalidCondition", retryable: false });
  }
  const { MARKDOWN, TEXT } = ConditionPromptType;
  return create(ConditionActionSchema, {
    name,
    type: { type: toLiteralType(shape).type },
    prompt: prompt ?? "Approve?",
    promptType: promptType === "markdown" ? MARKDOWN : TEXT,
    description: description ?? "",
    ...(timeoutMs === undefined ? {} : { timeout: durationFromMs(Math.ceil(timeoutMs)) }),
  });
}

/** Control planes take up to 25 letters and digits. */
function actionName(parent: string, name: string, count: number): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([parent, name, count]))
    .digest("hex");
  return BigInt(`0x${hash}`).toString(36).slice(0, 25);
}

interface Watched {
  readonly parent: ActionIdentifier;
  readonly actionId: ActionIdentifier;
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
}

/** Follows what is below the parent until the action has ended. */
async function watch(
  calls: Client<typeof ActionsService>,
  { parent, actionId, signal, headers }: Watched,
): Promise<ActionUpdate> {
  const request = { filter: { case: "parentActionId", value: parent } } as const;
  for await (const { message } of calls.watchForUpdates(request, { signal, headers })) {
    if (message.case !== "actionUpdate") continue;
    const { value } = message;
    const phase = toPhase(value.phase);
    if (value.actionId?.name === actionId.name && phase !== undefined && isTerminal(phase)) {
      return value;
    }
  }
  throw new ConnectError("the watch ended before the condition", Code.Unavailable);
}

const hopeless: ReadonlySet<Code> = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.Unimplemented,
  Code.FailedPrecondition,
]);

/** A connection that broke has this code too, and then a cause. */
function hasRunEnded({ code, cause }: ConnectError): boolean {
  return code === Code.Aborted && cause === undefined;
}

/** Tries again while the control plane cannot be reached: a person may take longer than it is away. */
async function untilDone<Result>(
  signal: AbortSignal,
  call: () => Promise<Result>,
): Promise<Result | undefined> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (thrown) {
      signal.throwIfAborted();
      const error = ConnectError.from(thrown);
      if (error.code === Code.AlreadyExists) return undefined;
      if (hopeless.has(error.code) || hasRunEnded(error)) {
        const message = `The control plane refused to wait: ${error.rawMessage}`;
        throw new UserError(message, { code: "ConditionRefused", retryable: false, cause: error });
      }
      await delay(Math.min(maxBackoffMs, 250 * 2 ** Math.min(tries, 10)), undefined, { signal });
    }
  }
}

function toValue<Value extends ConditionValue>(
  name: string,
  { type }: ConditionOptions<Value>,
  end: ActionUpdate | undefined,
): Value {
  const phase = toPhase(end?.phase ?? 0);
  if (end?.value !== undefined && phase === "succeeded") {
    const { shape } = type ?? t.boolean();
    // Its type is the one that was asked for, which the control plane has checked.
    return toNative(shape, fromLiteral(end.value, toLiteralType(shape))) as Value;
  }
  const [code, how] =
    phase === "timed_out"
      ? (["ConditionTimedOut", "was not signalled in time"] as const)
      : phase === "aborted"
        ? (["ConditionAborted", "was aborted"] as const)
        : (["ConditionFailed", "failed"] as const);
  const message = `Condition ${JSON.stringify(name)} ${how}.`;
  throw new UserError(message, { code, retryable: false });
}
