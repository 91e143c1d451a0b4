import type { AttemptLine } from "../executor/executor.ts";

/** Lines that came since the last look. */
export interface LineBatch {
  /** Place of the first of `lines` in the attempt's log, from 0. */
  readonly firstIndex: number;
  readonly lines: readonly AttemptLine[];
  /** The attempt has ended; nothing follows. */
  readonly isEnded: boolean;
}

/** One reader of a running attempt's lines. Dispose it, or it is handed lines until the end. */
export interface LineSubscription extends Disposable {
  /**
   * Waits for lines or the end. A reader that is too slow is handed later lines only; it sees the
   * gap by their place, and finds what it missed in the log on disk.
   *
   * @throws the signal's reason when it aborts
   */
  next(signal: AbortSignal): Promise<LineBatch>;
}

/** Hands on the lines of running attempts as they come. */
export interface LiveLines {
  /** An attempt begins; nothing is in its log. */
  begin(actionId: number, attempt: number): void;
  push(actionId: number, line: AttemptLine): void;
  end(actionId: number): void;
  /** Undefined when this attempt is not running. */
  follow(actionId: number, attempt: number): LineSubscription | undefined;
}

interface Feed {
  readonly attempt: number;
  count: number;
  readonly readers: Set<Reader>;
}

const maxBuffered = 5_000;

/** Keeps no line for nobody, and at most 5,000 for each reader. */
export function createLiveLines(): LiveLines {
  const feeds = new Map<number, Feed>();
  return {
    begin: (actionId, attempt) => {
      feeds.set(actionId, { attempt, count: 0, readers: new Set() });
    },
    push: (actionId, line) => {
      const feed = feeds.get(actionId);
      if (feed === undefined) return;
      for (const reader of feed.readers) reader.add(feed.count, line);
      feed.count += 1;
    },
    end: (actionId) => {
      const feed = feeds.get(actionId);
      feeds.delete(actionId);
      for (const reader of feed?.readers ?? []) reader.end();
    },
    follow: (actionId, attempt) => {
      const feed = feeds.get(actionId);
      if (feed?.attempt !== attempt) return undefined;
      const reader = new Reader(feed.count, () => feed.readers.delete(reader));
      feed.readers.add(reader);
      return reader;
    },
  };
}

class Reader implements LineSubscription {
  readonly #leave: () => void;
  #firstIndex: number;
  #lines: AttemptLine[] = [];
  #isEnded = false;
  #wake: (() => void) | undefined;

  constructor(firstIndex: number, leave: () => void) {
    this.#firstIndex = firstIndex;
    this.#leave = leave;
  }

  add(index: number, line: AttemptLine): void {
    if (this.#lines.length >= maxBuffered) this.#lines = [];
    if (this.#lines.length === 0) this.#firstIndex = index;
    this.#lines.push(line);
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async next(signal: AbortSignal): Promise<LineBatch> {
    signal.throwIfAborted();
    if (this.#lines.length === 0 && !this.#isEnded) await this.#wait(signal);
    signal.throwIfAborted();
    const lines = this.#lines;
    this.#lines = [];
    return { firstIndex: this.#firstIndex, lines, isEnded: this.#isEnded };
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener("abort", wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
