import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NonRecoverableError } from "../../tasks/task-errors.ts";

/** The run that a model is fetched by. */
export interface RunPlace {
  readonly project: string;
  readonly domain: string;
  readonly run: string;
  /** Where the run keeps its data: `STORE/runs/PROJECT/DOMAIN/RUN`. */
  readonly runBase: string | undefined;
}

const segment = /^[A-Za-z0-9_@+=,~-][A-Za-z0-9._@+=,~-]{0,254}$/;

/**
 * The folder below which models of a run's project and domain are kept: `models/PROJECT/DOMAIN` of the
 * store, or the folder in there that `raw_data_path` names by its URI or from there on.
 *
 * @throws NonRecoverableError for a place anywhere else: whoever may fetch a model may not write
 * wherever the devbox can
 */
export function toModelPlace(rawDataPath: string, run: RunPlace): string {
  const root = toModelRoot(run);
  const given = rawDataPath.trim().replace(/\/+$/, "");
  if (given === "" || given === root) return fileURLToPath(root);
  const below = given.startsWith(`${root}/`) ? given.slice(root.length + 1) : given;
  const parts = below.split("/");
  // A folder named like a commit is a model, whole as it is.
  if (parts.every((part) => segment.test(part) && !/^[0-9a-f]{40}$/.test(part))) {
    return join(fileURLToPath(root), ...parts);
  }
  throw new NonRecoverableError(
    `raw_data_path ${JSON.stringify(given.slice(0, 300))} cannot be used here: models of ${run.project}/${run.domain} are kept below ${root}. Leave it out, or name a folder in there, such as "team".`,
    { code: "UnusablePlace" },
  );
}

function toModelRoot({ project, domain, run, runBase = "" }: RunPlace): string {
  const suffix = `/runs/${project}/${domain}/${run}`;
  if (runBase.startsWith("file://") && runBase.endsWith(suffix)) {
    return `${runBase.slice(0, -suffix.length)}/models/${project}/${domain}`;
  }
  throw new NonRecoverableError(
    "This task keeps models in the store of a devbox, and runs there only. On a cluster, register the task of flyte.prefetch in Flyte's Python SDK.",
    { code: "UnusablePlace" },
  );
}

/** The name of a model's folder; no two repositories have the same. */
export function toModelName(repo: string, artifact: string): string {
  return artifact === "" ? repo.replace("/", "--") : artifact;
}
