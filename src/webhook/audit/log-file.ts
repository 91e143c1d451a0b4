import { constants, type Stats, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { FlyteError } from "../../shared/errors.ts";
import { takeLock } from "./file-lock.ts";
import { findTail, type Tail } from "./find-tail.ts";

const lineBreak = Buffer.from("\n");

/** What is strange about the file, once for each kind. */
export type FileWarning = "foreign" | "shortened";

/**
 * The file of an audit log. Its place is looked at before each group of lines: when the file was moved away
 * (logrotate) a new one is begun, and when it was emptied (copytruncate) it is gone on with.
 */
export class LogFile {
  readonly #path: string;
  readonly #unlock: () => void;
  readonly #warn: (warning: FileWarning) => void;
  #handle: FileHandle;
  #inode: string;
  /** How long the file is by what was written here. */
  #size: number;
  #isDirty = false;
  /** Whether a line break has to come before the next line. */
  #isOpen = false;

  private constructor(
    path: string,
    handle: FileHandle,
    { dev, ino, size }: Stats,
    unlock: () => void,
    warn: (warning: FileWarning) => void,
  ) {
    this.#path = path;
    this.#handle = handle;
    this.#inode = `${dev}:${ino}`;
    this.#size = size;
    this.#unlock = unlock;
    this.#warn = warn;
  }

  /**
   * Opens the log for writing at its end, and locks it against other processes of this machine.
   *
   * @param warn is told what other programs did to the file
   * @throws FlyteError `invalid_config` when that cannot be done, or the file is no log of this key
   */
  static async open(
    path: string,
    key: string | undefined,
    warn: (warning: FileWarning) => void,
  ): Promise<{ readonly file: LogFile; readonly tail: Tail }> {
    const unlock = lock(path);
    let handle: FileHandle | undefined;
    try {
      handle = await openAtEnd(path);
      const stats = await handle.stat();
      if (!stats.isFile()) throw cannotWrite(path, "it is not a regular file");
      const tail = await findTail(path, handle, key);
      const file = new LogFile(path, handle, stats, unlock, warn);
      file.#isOpen = tail.isOpen;
      return { file, tail };
    } catch (error) {
      await handle?.close();
      unlock();
      throw FlyteError.is(error) ? error : cannotWrite(path, reasonOf(error), error);
    }
  }

  /** Looks where the next group of lines has to go. @throws what the system says */
  async prepare(): Promise<void> {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    if (found === undefined || `${found.dev}:${found.ino}` !== this.#inode) {
      await this.#begin();
      return;
    }
    if (found.size === this.#size) return;
    this.#warnOf(found.size);
    await this.#goOnAfter(found.size);
  }

  /** Writes as much as the system takes. @returns how many bytes @throws what the system says */
  async write(bytes: Uint8Array): Promise<number> {
    this.#isDirty = true;
    const lead = this.#isOpen ? 1 : 0;
    const whole = this.#isOpen ? Buffer.concat([lineBreak, bytes]) : bytes;
    const { bytesWritten } = await this.#handle.write(whole);
    this.#size += bytesWritten;
    if (bytesWritten > 0) this.#isOpen = false;
    return Math.max(0, bytesWritten - lead);
  }

  /** Waits until what was written survives a loss of power. @throws what the system says */
  async sync(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    await this.#handle.datasync();
  }

  /** Says that the file cannot be written, for whoever starts the webhook. */
  cannotWrite(error: unknown): FlyteError {
    return cannotWrite(this.#path, reasonOf(error), error);
  }

  async close(): Promise<void> {
    try {
      await this.sync();
    } finally {
      await this.#handle.close();
      this.#unlock();
    }
  }

  async #begin(): Promise<void> {
    await this.sync();
    const handle = await openAtEnd(this.#path);
    const { dev, ino, size } = await handle.stat();
    const old = this.#handle;
    this.#handle = handle;
    this.#inode = `${dev}:${ino}`;
    await this.#goOnAfter(size);
    await old.close();
    if (size > 0) this.#warn("foreign");
  }

  /** What others have written may lack its line break. */
  async #goOnAfter(size: number): Promise<void> {
    this.#size = size;
    if (size === 0) {
      this.#isOpen = false;
      return;
    }
    const { buffer } = await this.#handle.read(Buffer.alloc(1), 0, 1, size - 1);
    this.#isOpen = buffer[0] !== 0x0a;
  }

  #warnOf(size: number): void {
    if (size > this.#size) this.#warn("foreign");
    else if (size > 0) this.#warn("shortened");
  }
}

function lock(path: string): () => void {
  try {
    return takeLock(`${path}.lock`);
  } catch (error) {
    throw FlyteError.is(error) ? error : cannotWrite(path, reasonOf(error), error);
  }
}

function openAtEnd(path: string): Promise<FileHandle> {
  // Not blocking: the other end of a pipe may never come.
  const { O_APPEND, O_CREAT, O_RDWR, O_NONBLOCK } = constants;
  return open(path, O_APPEND | O_CREAT | O_RDWR | O_NONBLOCK, 0o600);
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown error";
}

function cannotWrite(path: string, reason: string, cause?: unknown): FlyteError {
  return new FlyteError(
    "invalid_config",
    `The audit log ${path} cannot be written (${reason}). Name a file in a folder that is there and may be written with audit.file.`,
    { cause },
  );
}
