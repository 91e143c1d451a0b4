import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ActionIdentifierSchema } from "../../idl/identifiers.ts";
import { InputsSchema, OutputsSchema } from "../../idl/tasks.ts";
import type { JsonObject } from "../../shared/json.ts";
import { toLiteral } from "../../values/literals.ts";
import { fromInputs } from "../../values/task-inputs.ts";
import type { WaitFor } from "../condition.ts";
import type { Task } from "../define-task.ts";
import { toNative } from "../json-values.ts";
import { toLiteralType } from "../literal-types.ts";
import { fromNative } from "../native-values.ts";
import { createTaskContext } from "../task-context.ts";
import { NonRecoverableError } from "../task-errors.ts";
import { toTypedInterface } from "../task-interface.ts";
import { createActionsClient } from "./actions-client.ts";
import { loadTask } from "./load-task.ts";
import type { TaskArguments } from "./task-arguments.ts";
import { readInputs } from "./task-files.ts";
import type { WaitForOptions } from "./wait-for.ts";

export interface RunTaskOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Runs a task on its `inputs.pb` and gives the contents of its `outputs.pb`. */
export async function runTask(
  args: TaskArguments,
  { env, signal }: RunTaskOptions,
): Promise<Uint8Array> {
  const task = await loadTask(args.bundle, args.task);
  const inputs = decodeInputs(task, await readInputs(args.inputs));
  const project = env["FLYTE_INTERNAL_EXECUTION_PROJECT"] ?? "";
  const domain = env["FLYTE_INTERNAL_EXECUTION_DOMAIN"] ?? "";
  const { run, action } = args;
  const context = createTaskContext({
    ...{ run, action, project, domain, signal },
    attempt: Number(env["FLYTE_ATTEMPT_NUMBER"] ?? 0) + 1,
    rawDataUri: args.rawDataPath,
    waitFor: loadWaitFor({
      client: () => createActionsClient(env),
      parent: create(ActionIdentifierSchema, { run: { project, domain, name: run }, name: action }),
      runBase: env["_U_RUN_BASE"] ?? "",
      signal,
    }),
  });
  return encodeOutputs(task, await task.execute(inputs, context));
}

/** Most tasks wait for nobody, and start sooner without what that takes. */
function loadWaitFor(options: WaitForOptions): WaitFor {
  let loaded: Promise<WaitFor> | undefined;
  return async (name, given) => {
    loaded ??= import("./wait-for.ts").then(({ createWaitFor }) => createWaitFor(options));
    return (await loaded)(name, given);
  };
}

/**
 * Decodes `inputs.pb` into what the task's function sees.
 *
 * @throws NonRecoverableError when an input does not fit its type.
 */
export function decodeInputs(task: Task, bytes: Uint8Array): Record<string, unknown> {
  const inputs = fromBinary(InputsSchema, bytes);
  const json: JsonObject = fromInputs(inputs, toTypedInterface(task));
  const natives = Object.entries(json).map(([name, value]) => {
    const type = Object.hasOwn(task.inputs, name) ? task.inputs[name] : undefined;
    if (type === undefined) throw invalidInput(task, name, "is not an input of the task");
    try {
      return [name, toNative(type.shape, value)];
    } catch (error) {
      throw invalidInput(task, name, error instanceof Error ? error.message : String(error));
    }
  });
  return Object.fromEntries(natives) as Record<string, unknown>;
}

/** Encodes what the task's function has returned, already checked, as `outputs.pb`. */
export function encodeOutputs(task: Task, values: Readonly<Record<string, unknown>>): Uint8Array {
  const literals = Object.entries(task.outputs).map(([name, { shape }]) => ({
    name,
    value: toLiteral(fromNative(shape, values[name]).value, toLiteralType(shape)),
  }));
  return toBinary(OutputsSchema, create(OutputsSchema, { literals }));
}

function invalidInput(task: Task, name: string, why: string): NonRecoverableError {
  return new NonRecoverableError(`Input ${name} of ${task.name} ${why}.`, {
    code: "InvalidInputs",
  });
}
