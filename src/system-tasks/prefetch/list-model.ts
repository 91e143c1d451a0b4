import { listFiles, modelInfo } from "@huggingface/hub";
import { isJsonObject, type JsonObject, type JsonValue } from "../../shared/json.ts";
import { NonRecoverableError, UserError } from "../../tasks/task-errors.ts";
import type { Hub } from "./hub.ts";
import { HubError } from "./hub-errors.ts";
import { type ModelFile, toModelFiles } from "./model-file.ts";

/** A model as its hub has it now. */
export interface Model {
  readonly repo: string;
  /** The commit that all of it is of. */
  readonly commit: string;
  readonly files: readonly ModelFile[];
  /** What it is for, as its page says. */
  readonly task: string | undefined;
  /** The library it is made with, as its page says. */
  readonly library: string | undefined;
  /** The head of its README. */
  readonly card: JsonObject;
}

/**
 * Asks a hub for the latest commit of a model and all files of that commit.
 *
 * @param fetch from `createHubApi`
 * @throws HubError
 */
export async function listModel(hub: Hub, repo: string, fetch_: typeof fetch): Promise<Model> {
  try {
    const about = await modelInfo({
      name: repo,
      hubUrl: hub.url,
      fetch: fetch_,
      additionalFields: ["sha", "cardData", "library_name"],
    });
    const commit: unknown = about.sha;
    if (typeof commit !== "string" || !/^[0-9a-f]{40}$/.test(commit)) throw invalid(hub, repo);
    const entries = [];
    const tree = {
      repo: { type: "model" as const, name: repo },
      recursive: true,
      revision: commit,
    };
    for await (const entry of listFiles({ ...tree, hubUrl: hub.url, fetch: fetch_ })) {
      entries.push(entry);
      if (entries.length > mostEntries) throw tooMany(repo);
    }
    if (!entries.some(({ type }) => type === "file")) throw empty(hub, repo);
    const card = about.cardData as JsonValue | undefined; // It came as JSON.
    return {
      repo,
      commit,
      files: toModelFiles(entries),
      task: toText(about.task),
      library: toText(about.library_name),
      card: isJsonObject(card) ? card : {},
    };
  } catch (error) {
    if (error instanceof UserError) throw error;
    // What the client of the hub stumbles over is an answer of another form.
    if (error instanceof TypeError || error instanceof SyntaxError) throw invalid(hub, repo, error);
    throw error;
  }
}

/** Files and folders. */
const mostEntries = 200_000;

function tooMany(repo: string): UserError {
  return new NonRecoverableError(`${repo} has more than ${mostEntries} files and folders.`, {
    code: "TooManyFiles",
  });
}

function empty(hub: Hub, repo: string): UserError {
  return new NonRecoverableError(`The repository ${repo} at ${hub.url} has no files.`, {
    code: "ModelEmpty",
  });
}

function toText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function invalid(hub: Hub, repo: string, cause?: unknown): HubError {
  return new HubError(
    `What ${hub.url} answers about ${repo} is not what a hub of Hugging Face does. Check HF_ENDPOINT.`,
    { code: "HubAnswerInvalid", cause },
  );
}
