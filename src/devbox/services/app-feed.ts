import type { AppRuntime } from "../apps/app-runtime.ts";
import type { AppRow } from "../store/apps.ts";

/**
 * The apps that changed since the last look, each once, so that a slow reader holds no more than one
 * row for each app. Dispose it, or the runtime goes on telling it.
 */
export class AppFeed implements Disposable {
  readonly #signal: AbortSignal;
  readonly #leave: () => void;
  #rows = new Map<number, AppRow>();
  #wake: (() => void) | undefined;

  /** Listens from now on, also before the first look. */
  constructor(
    runtime: Pick<AppRuntime, "onChange">,
    concerns: (row: AppRow) => boolean,
    signal: AbortSignal,
  ) {
    this.#signal = signal;
    const wake = (): void => this.#wake?.();
    const stop = runtime.onChange(({ row }) => {
      if (!concerns(row)) return;
      this.#rows.set(row.id, row);
      wake();
    });
    signal.addEventListener("abort", wake);
    this.#leave = () => {
      stop();
      signal.removeEventListener("abort", wake);
    };
  }

  /**
   * Waits for changes; the rows as they were told last.
   *
   * @throws the signal's reason when it aborts
   */
  async next(): Promise<readonly AppRow[]> {
    this.#signal.throwIfAborted();
    if (this.#rows.size === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
      this.#signal.throwIfAborted();
    }
    const rows = [...this.#rows.values()];
    this.#rows = new Map();
    return rows;
  }

  [Symbol.dispose](): void {
    this.#leave();
  }
}
