import { type ChainHead, chainLine } from "./chained-line.ts";
import type { LogFile } from "./log-file.ts";

/** What a line says, before it becomes one of a chain. */
export type Entry = Readonly<Record<string, unknown>>;

/** Where lines go. */
export interface LogTargets {
  readonly file: LogFile | undefined;
  /** Gets the text of whole lines. */
  readonly print: ((text: string) => void) | undefined;
}

/** Hears what the operator has to know. */
export interface LogListener {
  /** Lines cannot be written; they are kept and tried again. Told once until they could. */
  failed(error: unknown): void;
  /** Lines are written again. */
  recovered(): void;
  /** So many lines were given up. */
  lost(count: number): void;
}

/** How many entries are kept while they cannot be written. */
const maxKept = 10_000;
/** A group of lines is one write. */
const maxGroup = 1000;
const retryMs = 1000;
/** How long written lines may wait for the disk when nobody waits for them. */
const syncMs = 1000;

/**
 * Writes entries as lines of one chain, in the order in which they were added. What comes within a turn of the event loop is
 * one write. A group that could not be written is kept and tried again, from the byte at which it stopped; what
 * comes meanwhile waits. When too much waits, entries are given up, and a line says how many.
 */
export class LogWriter {
  readonly #targets: LogTargets;
  readonly #key: string | undefined;
  readonly #listener: LogListener;
  readonly #queue: Entry[] = [];
  #head: ChainHead;
  /** Given up since the last line that said so. */
  #given = 0;
  /** What is still to be written of a group. */
  #rest: Uint8Array | undefined;
  #restLines = 0;
  #isWhole = true;
  #failure: unknown;
  #failing = false;
  #work: Promise<void> | undefined;
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    targets: LogTargets,
    head: ChainHead,
    key: string | undefined,
    listener: LogListener,
  ) {
    this.#targets = targets;
    this.#head = head;
    this.#key = key;
    this.#listener = listener;
  }

  /** Whether lines cannot be written at the moment. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Why they could not be written last. */
  get failure(): unknown {
    return this.#failure;
  }

  add(entry: Entry): void {
    if (this.#queue.length >= maxKept) this.#given += 1;
    else this.#queue.push(entry);
    this.#start();
  }

  /** Resolves when all that was added is on the disk, and also when that fails: then {@link failing} says so. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#start();
    });
  }

  /** Writes what is left, as far as it can be written. */
  async close(): Promise<void> {
    await this.settled();
    await this.#work;
    clearTimeout(this.#timer);
    const left = this.#restLines + this.#queue.length + this.#given;
    if (left > 0) this.#listener.lost(left);
    await this.#targets.file?.close().catch((error: unknown) => this.#fail(error));
  }

  #start(): void {
    this.#work ??= this.#run().finally(() => {
      this.#work = undefined;
      // What came while the last look at the queue was over.
      if (this.#waiting.length > 0 || (this.#queue.length > 0 && !this.#failing)) this.#start();
    });
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // what comes in the same turn goes along
    clearTimeout(this.#timer);
    try {
      while (this.#rest !== undefined || this.#queue.length > 0 || this.#waiting.length > 0) {
        const isLast = this.#rest === undefined && this.#queue.length <= maxGroup;
        const waiting = isLast ? this.#waiting.splice(0) : [];
        try {
          await this.#writeGroup();
          if (waiting.length > 0) await this.#targets.file?.sync();
        } finally {
          for (const resolve of waiting) resolve();
        }
        this.#recover();
      }
      if (this.#targets.file !== undefined) this.#later(syncMs, () => this.#sync());
    } catch (error) {
      this.#fail(error);
      for (const resolve of this.#waiting.splice(0)) resolve();
      this.#later(retryMs, () => this.#start());
    }
  }

  async #writeGroup(): Promise<void> {
    const { file } = this.#targets;
    if (this.#rest === undefined) {
      if (this.#queue.length === 0) return;
      if (file !== undefined) await file.prepare();
      const entries = this.#queue.splice(0, maxGroup);
      this.#rest = this.#chain(entries);
      this.#restLines = entries.length;
      this.#isWhole = true;
    } else if (this.#isWhole) await file?.prepare();
    while (file !== undefined && this.#rest.length > 0) {
      const count = await file.write(this.#rest);
      this.#rest = this.#rest.subarray(count);
      this.#isWhole = false;
    }
    this.#rest = undefined;
    this.#restLines = 0;
  }

  /** Makes entries lines of the chain. They are shown on standard output at once. */
  #chain(entries: readonly Entry[]): Uint8Array {
    const given = this.#queue.length === 0 ? this.#given : 0;
    this.#given -= given;
    const lost = { time: new Date().toISOString(), event: "lost", lines: given };
    let text = "";
    for (const entry of given === 0 ? entries : [...entries, lost]) {
      const { line, head } = chainLine(entry, this.#head, this.#key);
      this.#head = head;
      text += line;
    }
    this.#targets.print?.(text);
    return Buffer.from(text, "latin1");
  }

  async #sync(): Promise<void> {
    await this.#targets.file?.sync().catch((error: unknown) => {
      this.#fail(error);
      this.#later(retryMs, () => this.#start());
    });
  }

  #later(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
    this.#timer.unref();
  }

  #fail(error: unknown): void {
    if (!this.#failing) this.#listener.failed(error);
    this.#failing = true;
    this.#failure = error;
  }

  #recover(): void {
    if (this.#failing) this.#listener.recovered();
    this.#failing = false;
  }
}
