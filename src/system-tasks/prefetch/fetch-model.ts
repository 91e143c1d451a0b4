import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isModelRepository } from "../../shared/model-repository.ts";
import { parseQuantity } from "../../shared/quantity.ts";
import type { TaskContext } from "../../tasks/task-context.ts";
import { NonRecoverableError } from "../../tasks/task-errors.ts";
import { pause } from "./backoff.ts";
import { downloadAll } from "./download-all.ts";
import { fetchFile } from "./fetch-file.ts";
import { type Hub, toHub } from "./hub.ts";
import { createHubApi } from "./hub-api.ts";
import { listModel, type Model } from "./list-model.ts";
import { type GivenMetadata, type ModelMetadata, toModelMetadata } from "./model-metadata.ts";
import { toModelName, toModelPlace } from "./model-place.ts";
import { printBytes, startProgress } from "./progress.ts";
import { isStored } from "./stored-model.ts";
import { openWorkFolder, type WorkFolder } from "./work-folder.ts";

/** The inputs of the task `prefetch.hf_model`. */
export interface FetchModelInputs extends GivenMetadata {
  readonly repo: string;
  readonly raw_data_path: string;
  readonly hf_token_key: string;
  readonly disk: string;
  readonly force: number;
}

export interface FetchedModel {
  /** URI of the folder with exactly the repository's files, and the manifest. */
  readonly uri: string;
  readonly metadata: ModelMetadata;
}

const parallel = 4;

/**
 * Fetches a model of a hub at its latest commit into the store of the devbox, or finds it there.
 *
 * @param env with `HF_ENDPOINT` and `HF_TOKEN`, and `_U_RUN_BASE` of the run
 * @throws UserError with the reason and what to do about it
 */
export async function fetchModel(
  inputs: FetchModelInputs,
  context: Pick<TaskContext, "log" | "signal" | "project" | "domain" | "run">,
  env: Readonly<Record<string, string | undefined>>,
): Promise<FetchedModel> {
  const { repo } = inputs;
  const { log, signal, project, domain, run } = context;
  if (!isModelRepository(repo))
    throw invalid(`repo ${show(repo)} is not a repository; write ORGANISATION/NAME or NAME`);
  const artifact = inputs.artifact_name;
  if (!/^[a-zA-Z0-9_-]*$/.test(artifact))
    throw invalid(
      `artifact_name ${show(artifact)} must only contain alphanumeric characters, underscores, and hyphens`,
    );
  const limit = toLimit(inputs.disk);
  const place = toModelPlace(inputs.raw_data_path, {
    project,
    domain,
    run,
    runBase: env["_U_RUN_BASE"],
  });
  const hub = toHub({ env, secret: inputs.hf_token_key, project, domain });
  const model = await listModel(hub, repo, createHubApi({ hub, repo, signal, pause, log }));
  const folder = join(place, toModelName(repo, artifact));
  const target = join(folder, model.commit);
  const isForced = inputs.force !== 0;
  const isThere = !isForced && (await isStored(target, model));
  const summary = `${repo} at ${model.commit}: ${model.files.length} files, ${printBytes(sizeOf(model))}`;
  if (isThere) log.info(`${summary}. All of it is stored already; nothing is fetched.`);
  else {
    assertFits(model, limit, inputs.disk);
    log.info(
      `${summary}, from ${hub.url} ${hub.token === undefined ? "without a token" : "with a token"}.`,
    );
    const work = await openWorkFolder({ ...model, folder, run });
    await gather(work, { model, hub, folder, isForced, context });
    log.info(`Stored ${repo} whole and verified.`);
  }
  const metadata = await toModelMetadata(model, target, inputs);
  const uri = pathToFileURL(target).href;
  return { uri, metadata: { ...metadata, stored_at: uri, reused: isThere } };
}

interface Gathering {
  readonly model: Model;
  readonly hub: Hub;
  readonly folder: string;
  readonly isForced: boolean;
  readonly context: Pick<TaskContext, "log" | "signal">;
}

/** Fills the work folder and makes it the model's. What a failure leaves is there for the next run. */
async function gather(work: WorkFolder, gathering: Gathering): Promise<void> {
  try {
    await fill(work, gathering);
    await work.publish({ replace: gathering.isForced });
  } catch (error) {
    if (!isDiskFull(error)) {
      await work.release();
      throw error;
    }
    // Others need the room more than the next run needs the beginning.
    await work.discard();
    throw diskFull(gathering.model.repo, error);
  }
}

async function fill(work: WorkFolder, { model, hub, folder, context }: Gathering): Promise<void> {
  const { log, signal } = context;
  const missing = [];
  for (const file of model.files) if (!(await work.has(file))) missing.push(file);
  const parts = await Promise.all(missing.map((file) => work.sizeOfPart(file)));
  const needed = missing.reduce((sum, { size }, index) => sum + size - (parts[index] ?? 0), 0);
  const { bavail, bsize } = await statfs(folder);
  if (needed > bavail * bsize) throw noRoom(needed, bavail * bsize);
  using progress = startProgress({
    log,
    totalBytes: missing.reduce((sum, { size }) => sum + size, 0),
    totalFiles: missing.length,
    onTick: () => void work.touch().catch(() => undefined),
  });
  // The largest first, so that none of them comes alone at the end.
  const queue = missing.toSorted((one, other) => other.size - one.size);
  await downloadAll(queue, { parallel, signal }, async (file, stopping) => {
    await fetchFile(file, { hub, model, work, log, signal: stopping, progress });
    progress.addFile(file.path, file.size);
  });
}

function sizeOf({ files }: Model): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function toLimit(disk: string): bigint {
  const quantity = parseQuantity(disk);
  if (quantity !== undefined && quantity.nanos > 0n) return quantity.nanos / 1_000_000_000n;
  throw invalid(`disk ${show(disk)} is not an amount above zero; write it like "50Gi"`);
}

function assertFits(model: Model, limit: bigint, disk: string): void {
  const size = sizeOf(model);
  if (BigInt(size) <= limit) return;
  throw new NonRecoverableError(
    `${model.repo} has ${printBytes(size)}, and the run may use ${disk} of disk. Give it more with the parameter disk.`,
    { code: "ModelTooLarge" },
  );
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

function diskFull(repo: string, cause: unknown): NonRecoverableError {
  const { code } = cause as NodeJS.ErrnoException;
  return new NonRecoverableError(
    `The disk is full: ${repo} could not be stored (${code}). What was fetched of it has been removed. Make room, or start the devbox with its state on a larger disk.`,
    { code: "DiskFull", cause },
  );
}

function noRoom(needed: number, free: number): NonRecoverableError {
  return new NonRecoverableError(
    `The disk is too full: ${printBytes(needed)} are to be fetched, and ${printBytes(free)} are free. Make room, or start the devbox with its state on a larger disk.`,
    { code: "DiskFull" },
  );
}

function invalid(fault: string): NonRecoverableError {
  return new NonRecoverableError(`${fault}.`, { code: "InvalidInputs" });
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
