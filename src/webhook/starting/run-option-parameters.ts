import { FlyteError } from "../../shared/errors.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import type { Parameter } from "../parameters.ts";

/** Options of a run that callers may be kept from setting. */
export type RunOptionName =
  | "run_name"
  | "labels"
  | "env_vars"
  | "queue"
  | "overwrite_cache"
  | "interruptible";

interface RunOptionParameter extends Parameter {
  readonly name: RunOptionName;
}

/** What a request may say of the run it starts. */
export const runOptionParameters: readonly RunOptionParameter[] = [
  {
    name: "run_name",
    description:
      "The run's name: 1-30 lower-case letters, digits and dashes, with a letter first. Without it, the control plane chooses.",
    kind: "text",
    place: "query",
    added: true,
  },
  {
    name: "labels",
    description: "Labels of the run, as Kubernetes has them; in the query as JSON.",
    kind: "object",
    place: "query",
    added: true,
  },
  {
    name: "env_vars",
    description: "Environment variables of the run; in the query as JSON.",
    kind: "object",
    place: "query",
    added: true,
  },
  {
    name: "queue",
    description: "Where the run is queued. Without it, the control plane chooses.",
    kind: "text",
    place: "query",
    added: true,
  },
  {
    name: "overwrite_cache",
    description: "Whether cached outputs are computed anew.",
    kind: "boolean",
    place: "query",
    added: true,
  },
  {
    name: "interruptible",
    description: "Whether the run may be moved off machines that go away. Without it, as its task.",
    kind: "boolean",
    place: "query",
    added: true,
  },
];

/** Decides everything and starts nothing. */
export const dryRun: Parameter = {
  name: "dry_run",
  description: "Decide everything, answer what would be started, and start nothing.",
  kind: "boolean",
  place: "query",
  default: false,
  added: true,
};

/**
 * What may be set in a webhook of certain tasks or triggers. Variables and labels of pods can make a task do, or reach,
 * something else; a name that is taken tells of a run that may not be seen.
 */
const harmless: readonly RunOptionName[] = ["overwrite_cache", "interruptible"];

/** @throws FlyteError `invalid_config` for a name that is none */
export function resolveRunOptions({
  runOptions,
  taskAllowlist,
  triggerAllowlist,
}: {
  readonly runOptions?: readonly RunOptionName[] | undefined;
  readonly taskAllowlist?: readonly string[] | undefined;
  readonly triggerAllowlist?: readonly string[] | undefined;
}): readonly RunOptionName[] {
  const all = runOptionParameters.map(({ name }) => name);
  for (const name of runOptions ?? []) {
    if (all.includes(name)) continue;
    const meant = nearestName(String(name), all);
    const question = meant === undefined ? "" : ` Did you mean "${meant}"?`;
    throw new FlyteError(
      "invalid_config",
      `runOptions cannot have ${JSON.stringify(name)}.${question} It may have: ${all.join(", ")}.`,
    );
  }
  const isNarrow = (taskAllowlist ?? triggerAllowlist) !== undefined;
  return runOptions ?? (isNarrow ? harmless : all);
}
