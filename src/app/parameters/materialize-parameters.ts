import type { CallOptions, ControlPlane, RunStatus } from "../../client/control-plane.ts";
import { currentControlPlane } from "../../client/init-current.ts";
import { FlyteError, type FlyteErrorCode } from "../../shared/errors.ts";
import type { JsonValue } from "../../shared/json.ts";
import { invalidConfig, show } from "../environment/invalid-config.ts";
import type { MaterializedParameter } from "./materialized-parameter.ts";
import type { Parameter } from "./parameter.ts";
import { checkValue, type MaterializedValue } from "./parameter-value.ts";
import { RunOutput } from "./run-output.ts";

export interface MaterializeOptions extends Pick<CallOptions, "signal" | "auth"> {
  /** Name of the app that has the parameters. */
  readonly app: string;
  /** Where runs are looked up. @default the one that `init` connected to */
  readonly controlPlane?: ControlPlane;
}

/**
 * Parameters with what their runs have given in place of the runs.
 *
 * @throws FlyteError naming the parameter: `invalid_config` without a value, `not_found` without a
 * run, `precondition_failed` when the run has not succeeded or has given something else, and what
 * the control plane refuses
 */
export async function materializeParameters(
  parameters: readonly Parameter[],
  options: MaterializeOptions,
): Promise<readonly MaterializedParameter[]> {
  assertValues(options.app, parameters);
  return Promise.all(
    parameters.map(async (parameter) => {
      const { name, value, envVar, download, mount, ignorePatterns } = parameter;
      if (value === undefined) throw noValue(options.app, name);
      const known =
        value instanceof RunOutput ? await readOutput(parameter, value, options) : value;
      return { name, value: known, envVar, download, mount, ignorePatterns };
    }),
  );
}

/** @throws FlyteError `invalid_config` naming the first parameter without a value */
export function assertValues(app: string, parameters: readonly Parameter[]): void {
  for (const { name, value } of parameters) if (value === undefined) throw noValue(app, name);
}

function noValue(app: string, name: string): FlyteError {
  return invalidConfig(
    `Parameter "${name}" of the app "${app}" has no value. Give it one, or serve with parameterValues: { ${show(app)}: { ${show(name)}: … } }.`,
  );
}

async function readOutput(
  { name }: Parameter,
  source: RunOutput,
  options: MaterializeOptions,
): Promise<MaterializedValue> {
  const fail = (code: FlyteErrorCode, reason: string, cause?: unknown): FlyteError =>
    new FlyteError(code, `Parameter "${name}" of the app "${options.app}": ${reason}`, { cause });
  try {
    const { controlPlane = currentControlPlane() } = options;
    const { run, outputs } = await findOutputs(controlPlane, source, options);
    const output = outputs === null ? undefined : follow(outputs, source.getter);
    const value = output === undefined ? undefined : toValue(output, source);
    if (value !== undefined) return checkValue("the output", value) as MaterializedValue;
    const path = source.getter.map((step) => `[${show(step)}]`).join("");
    throw new FlyteError(
      "precondition_failed",
      `run ${run} has no ${source.type} at ${path} of its outputs. Correct type or getter.`,
    );
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    throw fail(error.code, error.message, error);
  }
}

interface FoundOutputs {
  readonly run: string;
  readonly outputs: Readonly<Record<string, JsonValue>> | null;
}

async function findOutputs(
  controlPlane: ControlPlane,
  source: RunOutput,
  options: MaterializeOptions,
): Promise<FoundOutputs> {
  const ref = await findRun(controlPlane, source, callOptions(options));
  const { outputs, status } = await controlPlane.runs.io(ref, callOptions(options));
  if (status.phase === "succeeded" || status.phase === "recovered") {
    return { run: status.name, outputs };
  }
  throw new FlyteError(
    "precondition_failed",
    `run ${status.name} is ${status.phase}; it has outputs once it has succeeded.`,
  );
}

function callOptions({ signal, auth }: MaterializeOptions): CallOptions {
  return { ...(signal && { signal }), ...(auth && { auth }) };
}

async function findRun(
  controlPlane: ControlPlane,
  source: RunOutput,
  options: CallOptions,
): Promise<Pick<RunStatus, "name"> & Partial<RunStatus>> {
  const { run, task = "", autoVersion } = source;
  const scope = {
    ...(source.project !== undefined && { project: source.project }),
    ...(source.domain !== undefined && { domain: source.domain }),
  };
  if (run !== undefined) return { name: run, ...scope };
  let { version } = source;
  if (autoVersion === "latest") {
    version = (await controlPlane.tasks.get({ name: task, ...scope }, options)).version;
  }
  const ref = { name: task, ...scope, ...(version !== undefined && { version }) };
  // Loaded when it is used: most apps have no such parameters, and start without the client.
  const { findSucceededRun } = await import("../../client/newest-run.ts");
  const found = await findSucceededRun(controlPlane, ref, options);
  if (found !== undefined) return found;
  const which = version === undefined ? "" : ` in version ${version}`;
  throw new FlyteError("not_found", `no run of task ${task}${which} has succeeded. Run it first.`);
}

/** Outputs are named `o0`, `o1`, … by their place. */
function follow(
  outputs: Readonly<Record<string, JsonValue>>,
  [place, ...steps]: RunOutput["getter"],
): JsonValue | undefined {
  let value: JsonValue | undefined = outputs[`o${place}`];
  for (const step of steps) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Readonly<Record<string | number, JsonValue>>)[step]; // A list has numbers as keys.
  }
  return value;
}

function toValue(output: JsonValue, { type }: RunOutput): MaterializedValue | undefined {
  if (type === "string") {
    return typeof output === "object" ? undefined : String(output);
  }
  const address =
    typeof output === "object" && output !== null && !Array.isArray(output)
      ? (output as Readonly<Record<string, JsonValue>>)["path"]
      : output;
  if (typeof address !== "string" || address === "") return undefined;
  return type === "file" ? { file: address } : { directory: address };
}
