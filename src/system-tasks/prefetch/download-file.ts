import { HubError, toNetworkError } from "./hub-errors.ts";
import { type ModelFile, showPath } from "./model-file.ts";
import { openPart, type PartFile } from "./part-file.ts";
import { readAnswer, strongTag } from "./read-answer.ts";
import type { Retries } from "./retries.ts";
import { watchStall } from "./stall.ts";

/** Sends one request for the file, redirects followed. Rejects for a status other than 200, 206 and 416. */
export type Ask = (
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<Response>;

export interface DownloadOptions {
  /** Where the part is kept; it goes on from what is there. */
  readonly part: string;
  readonly ask: Ask;
  readonly retries: Retries;
  readonly signal: AbortSignal;
  /** Told how many bytes there are more, or fewer when the part is begun anew. */
  readonly onBytes: (change: number) => void;
  /** How long a body may bring nothing. @default 60000 */
  readonly stallMs?: number;
}

/** Wrong bytes may be a broken line once; after that they are what the hub has. */
const mostWrong = 2;

/**
 * Fetches a file into its part, going on where a cut connection has left off, until all of it is there
 * and its hash is right.
 *
 * @throws HubError when the hub does not give it, NonRecoverableError when it cannot be kept
 */
export async function downloadFile(file: ModelFile, options: DownloadOptions): Promise<void> {
  const { retries, onBytes } = options;
  await using part = await openPart(options.part, file);
  onBytes(part.size);
  const state: State = { etag: undefined, furthest: part.size };
  for (let wrong = 0; ; ) {
    options.signal.throwIfAborted();
    if (part.size === file.size) {
      if (part.isWhole()) return part.sync();
      wrong += 1;
      await restart(part, state, onBytes);
      if (wrong >= mostWrong) throw mismatch(file);
      continue;
    }
    try {
      await receive(file, part, state, options);
    } catch (error) {
      await retries.failed(error);
    }
  }
}

interface State {
  /** Of what is in the part, from this process's answers. */
  etag: string | undefined;
  /** How far the part has ever come: only beyond that is progress. */
  furthest: number;
}

/** One request and as much of its body as comes. Rejects unless that was all. */
async function receive(
  file: ModelFile,
  part: PartFile,
  state: State,
  { ask, signal, onBytes, retries, stallMs = 60_000 }: DownloadOptions,
): Promise<void> {
  using stall = watchStall(signal, stallMs);
  const response = await ask(toHeaders(part.size, state.etag), stall.signal);
  const answered = readAnswer(response, { offset: part.size, size: file.size, etag: state.etag });
  if (answered.kind === "useless" || response.status === 416) await response.body?.cancel();
  if (answered.kind === "useless") throw useless(file, answered.reason);
  if (answered.kind === "restart") await restart(part, state, onBytes);
  if (response.status === 416) throw useless(file, "has no such part");
  state.etag ??= strongTag(response.headers);
  for await (const chunk of chunksOf(response, stall.signal)) {
    stall.touch();
    const wanted = chunk.subarray(0, file.size - part.size);
    await part.append(wanted);
    onBytes(wanted.length);
    if (part.size > state.furthest) {
      state.furthest = part.size;
      retries.progressed();
    }
    if (part.size === file.size) return;
  }
  if (part.size < file.size) throw cut(file);
}

function toHeaders(offset: number, etag: string | undefined): Readonly<Record<string, string>> {
  return {
    // What comes packed cannot be gone on with.
    "accept-encoding": "identity",
    ...(offset > 0 && { range: `bytes=${offset}-` }),
    ...(offset > 0 && etag !== undefined && { "if-range": etag }),
  };
}

async function* chunksOf(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks = response.body?.[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks?.next();
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw toNetworkError("The hub", error);
  } finally {
    await chunks?.return?.().catch(() => undefined);
  }
}

async function restart(
  part: PartFile,
  state: State,
  onBytes: (change: number) => void,
): Promise<void> {
  onBytes(-part.size);
  await part.reset();
  state.etag = undefined;
}

function useless(file: ModelFile, reason: string): HubError {
  return new HubError(`The answer for ${showPath(file.path)} ${reason}.`, {
    code: "HubAnswerInvalid",
    transient: true,
  });
}

function cut(file: ModelFile): HubError {
  return new HubError(`The connection for ${showPath(file.path)} was cut.`, {
    code: "HubUnavailable",
    transient: true,
  });
}

function mismatch({ path, algorithm }: ModelFile): HubError {
  const hash = algorithm === "sha256" ? "sha256" : "git hash";
  return new HubError(
    `What came for ${showPath(path)} is not what the hub lists: its ${hash} is another one, twice. It was not kept.`,
    { code: "ChecksumMismatch" },
  );
}
