import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { FlyteError } from "../../shared/errors.ts";
import { parseJson } from "../../shared/json.ts";
import { takeLock } from "../audit/file-lock.ts";
import {
  applyLine,
  emptyState,
  linesOf,
  type NoticeLine,
  type NoticeState,
  readLine,
} from "./notice-state.ts";

interface Waiting {
  readonly text: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** A file is written anew when it has so many lines more than are needed, and twice as many. */
const mostSpare = 1_000;

/**
 * What was promised, on disk before it is promised. Lines that come while others are written share the next write and its
 * `fdatasync`. After a write that failed the whole state is written anew, to another file that takes the place of the first.
 */
export class NoticeJournal {
  readonly state: NoticeState;
  readonly #path: string | undefined;
  readonly #unlock: () => void;
  #handle: FileHandle | undefined;
  #lines = 0;
  #mustRewrite = false;
  readonly #queue: Waiting[] = [];
  #work: Promise<void> | undefined;

  private constructor(state: NoticeState, path: string | undefined, unlock: () => void) {
    this.state = state;
    this.#path = path;
    this.#unlock = unlock;
  }

  /** One that lasts as long as the process. */
  static inMemory(): NoticeJournal {
    return new NoticeJournal(emptyState(), undefined, () => undefined);
  }

  /**
   * Reads what an earlier process has left, and locks the file against other processes of this machine.
   *
   * @throws FlyteError `invalid_config` when the file cannot be written, or another process has it
   */
  static async open(path: string): Promise<NoticeJournal> {
    let unlock: (() => void) | undefined;
    try {
      unlock = takeLock(`${path}.lock`);
      const journal = new NoticeJournal(await readState(path), path, unlock);
      await journal.#rewrite();
      return journal;
    } catch (error) {
      unlock?.();
      throw cannotKeep(path, error);
    }
  }

  /**
   * Notes what happened to a notice. The state is that of after it at once.
   *
   * @returns when it is on disk; rejects when it may not be
   */
  write(line: NoticeLine): Promise<void> {
    applyLine(this.state, line);
    if (this.#path === undefined) return Promise.resolve();
    return new Promise((done, failed) => {
      this.#queue.push({ text: `${JSON.stringify(line)}\n`, done, failed });
      this.#work ??= this.#writeAll();
    });
  }

  async close(): Promise<void> {
    await this.#work;
    await this.#handle?.close();
    this.#unlock();
  }

  async #writeAll(): Promise<void> {
    // What else comes in this turn goes into the same write.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0);
      try {
        await this.#writeGroup(group);
        for (const { done } of group) done();
      } catch (error) {
        // How much of it is there is not known.
        this.#mustRewrite = true;
        for (const { failed } of group) failed(error);
      }
    }
    this.#work = undefined;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const { kept, told } = this.state;
    const spare = this.#lines - 2 * (2 * kept.size + told.size);
    if (this.#mustRewrite || spare > mostSpare) {
      await this.#rewrite(); // which holds what the group says
      return;
    }
    const { bytesWritten } = (await this.#handle?.write(textOf(group))) ?? { bytesWritten: 0 };
    if (bytesWritten < Buffer.byteLength(textOf(group))) throw new Error("The disk is full.");
    await this.#handle?.datasync();
    this.#lines += group.length;
  }

  /** Writes the state to a file that takes the place of the old one when it is whole. */
  async #rewrite(): Promise<void> {
    const path = this.#path ?? "";
    const lines = linesOf(this.state);
    const next = `${path}.next`;
    const handle = await open(next, "w", 0o600);
    try {
      await handle.chmod(0o600);
      await handle.writeFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
      await handle.datasync();
      await rename(next, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await handle.close();
      throw error;
    }
    await this.#handle?.close();
    this.#handle = handle;
    this.#lines = lines.length;
    this.#mustRewrite = false;
  }
}

function textOf(group: readonly Waiting[]): string {
  return group.map(({ text }) => text).join("");
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function readState(path: string): Promise<NoticeState> {
  const state = emptyState();
  let text = "";
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  for (const line of text.split("\n")) {
    const read = line === "" ? undefined : readLineText(line);
    if (read !== undefined) applyLine(state, read);
  }
  return state;
}

/** A line that is none is one that a crash has cut off: it was promised to nobody. */
function readLineText(line: string): NoticeLine | undefined {
  try {
    return readLine(parseJson(line));
  } catch (error) {
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}

function cannotKeep(path: string, cause: unknown): FlyteError {
  const reason = FlyteError.is(cause)
    ? "another process has it"
    : ((cause as NodeJS.ErrnoException).code ?? "unknown error");
  return new FlyteError(
    "invalid_config",
    `The journal of callbacks ${path} cannot be kept (${reason}). Name a file with callbacks.file that this process alone may write, in a folder that is there.`,
    { cause },
  );
}
