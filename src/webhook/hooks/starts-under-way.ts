import type { Started } from "../starting/start.ts";

/** Starts that are not yet confirmed, so that a delivery which comes twice at once is started once. */
export class StartsUnderWay {
  readonly #byKey = new Map<string, Promise<Started>>();
  readonly #all = new Set<Promise<Started>>();

  /**
   * Begins a start, or joins the one of the same key that is under way.
   *
   * @param key undefined for a start that is like no other
   */
  begin(
    key: string | undefined,
    start: () => Promise<Started>,
  ): { readonly started: Promise<Started>; readonly joined: boolean } {
    const earlier = key === undefined ? undefined : this.#byKey.get(key);
    if (earlier !== undefined) return { started: earlier, joined: true };
    const started = start().finally(() => {
      this.#all.delete(started);
      if (key !== undefined) this.#byKey.delete(key);
    });
    this.#all.add(started);
    if (key !== undefined) this.#byKey.set(key, started);
    return { started, joined: false };
  }

  /** Resolves when none of those that are under way now is any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#all);
  }
}
