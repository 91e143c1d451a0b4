import { parseArgs } from "node:util";

/** The command line of `flyte-task`, as a task's container args hold it. */
export interface TaskArguments {
  /** URI or path of the ES module with the task. */
  readonly bundle: string;
  /** Name of the task in the bundle. */
  readonly task: string;
  /** URI of `inputs.pb`. */
  readonly inputs: string;
  /** URI of the folder for `outputs.pb` or `error.pb`. */
  readonly outputsPath: string;
  /** URI of the folder for files that the task writes. @default outputsPath */
  readonly rawDataPath: string;
  readonly run: string;
  readonly action: string;
}

/** What a command line is refused with. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Reads the command line. Names that the control plane did not fill in are taken from the
 * environment, as Flyte's own runtime does. Unknown options are ignored.
 *
 * @throws UsageError when an option is missing.
 */
export function parseTaskArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): TaskArguments {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...argv],
    strict: false,
    options: {
      bundle: text,
      task: text,
      inputs: text,
      "outputs-path": text,
      "raw-data-path": text,
      "run-name": text,
      name: text,
    },
  });
  const optional = (name: string, fallback: string): string => {
    const value = values[name];
    return typeof value === "string" && !value.startsWith("{{") ? value : fallback;
  };
  const required = (name: string): string => {
    const value = optional(name, "");
    if (value === "") throw new UsageError(`flyte-task: --${name} is missing.`);
    return value;
  };
  const outputsPath = required("outputs-path");
  return {
    bundle: required("bundle"),
    task: required("task"),
    inputs: required("inputs"),
    outputsPath,
    rawDataPath: optional("raw-data-path", outputsPath),
    run: optional("run-name", env["RUN_NAME"] ?? ""),
    action: optional("name", env["ACTION_NAME"] ?? "a0"),
  };
}
