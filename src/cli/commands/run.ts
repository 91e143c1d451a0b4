import { parseTaskName } from "../../values/identifiers.ts";
import { connect } from "../connection.ts";
import { type FinishOptions, showStarted } from "../finish-run.ts";
import { parsePairs, readInputs, toInputsObject } from "../inputs.ts";

interface RunOptions extends FinishOptions {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly name?: string;
  readonly env?: readonly string[];
  readonly label?: readonly string[];
}

/** `flyte-webhook run`: starts a run and, with `--wait`, stays until its end. */
export async function run(task: string, options: RunOptions): Promise<void> {
  const reference = parseTaskName(task);
  const written = await readInputs(options.inputs, options.input ?? []);
  const env = parsePairs(options.env ?? [], "--env");
  const labels = parsePairs(options.label ?? [], "--label");
  await using controlPlane = await connect(options);
  const details = await controlPlane.tasks.get(reference);
  const started = await controlPlane.runs.start(
    details,
    toInputsObject(written, details.inputSchema),
    { ...(options.name === undefined ? {} : { name: options.name }), env, labels, source: "cli" },
  );
  await showStarted(controlPlane, started, options);
}
