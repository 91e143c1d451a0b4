import { readFile } from "node:fs/promises";
import type { TaskLogger } from "../../tasks/task-context.ts";
import { pause } from "./backoff.ts";
import { downloadFile } from "./download-file.ts";
import type { Hub } from "./hub.ts";
import { HubError, toStatusError } from "./hub-errors.ts";
import { request } from "./hub-request.ts";
import type { Model } from "./list-model.ts";
import { type ModelFile, showPath } from "./model-file.ts";
import { longestPointer, parsePointer } from "./pointer-file.ts";
import type { Progress } from "./progress.ts";
import { createRetries } from "./retries.ts";
import type { WorkFolder } from "./work-folder.ts";

export interface FetchFileOptions {
  readonly hub: Hub;
  readonly model: Pick<Model, "repo" | "commit">;
  readonly work: Pick<WorkFolder, "partOf" | "keep">;
  readonly log: TaskLogger;
  readonly signal: AbortSignal;
  readonly progress: Pick<Progress, "addBytes">;
}

/** Failures in a row without a single byte more; with the waits between them that is most of a minute. */
const mostTries = 9;

/** Fetches one file of a model, proves it, and puts it among the files that are there. */
export async function fetchFile(file: ModelFile, options: FetchFileOptions): Promise<void> {
  const { hub, model, work, log, signal, progress } = options;
  const part = work.partOf(file);
  await downloadFile(file, {
    part,
    signal,
    onBytes: progress.addBytes,
    retries: createRetries({ most: mostTries, signal, pause, log, what: file.path }),
    ask: (headers, until) => ask(hub, model, file, { headers, signal: until }),
  });
  if (file.algorithm === "git-sha1" && file.size <= longestPointer)
    await assertNoPointer(file, part);
  await work.keep(file);
}

async function ask(
  hub: Hub,
  { repo, commit }: Pick<Model, "repo" | "commit">,
  { path }: ModelFile,
  options: Parameters<typeof request>[2],
): Promise<Response> {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  const response = await request(hub, `${hub.url}/${repo}/resolve/${commit}/${encoded}`, options);
  const { status, url } = response;
  if (status === 200 || status === 206 || status === 416) return response;
  await response.body?.cancel();
  if (new URL(url).origin === new URL(hub.url).origin) throw toStatusError(hub, repo, response);
  // Signed addresses of stores expire; the hub gives a new one with the next try.
  throw new HubError(`${new URL(url).host} answered ${status} for ${showPath(path)}.`, {
    code: "HubUnavailable",
    transient: true,
  });
}

/** What stands for a large file in git is listed as a file by stores that know no better. */
async function assertNoPointer(file: ModelFile, part: string): Promise<void> {
  const pointer = parsePointer(await readFile(part));
  if (pointer === undefined) return;
  throw new HubError(
    `The hub gives a pointer of Git LFS in place of ${showPath(file.path)}, which has ${pointer.size} bytes. It was not kept.`,
    { code: "HubAnswerInvalid" },
  );
}
