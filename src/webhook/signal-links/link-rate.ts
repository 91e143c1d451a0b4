import { LRUCache } from "lru-cache";

/** How often one link may be opened or used. */
const most = 30;
const windowMs = 60_000;
const maxLinks = 10_000;

/** Bounds what one link can ask of the control plane. */
export class LinkRate {
  readonly #uses: LRUCache<string, number>;

  /** @param now in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#uses = new LRUCache({ max: maxLinks, ttl: windowMs, perf: { now }, ttlResolution: 0 });
  }

  /** Counts a use of a link; false when there were too many within a minute. */
  take(id: string): boolean {
    const uses = this.#uses.get(id) ?? 0;
    if (uses >= most) return false;
    // The window begins with the first use.
    this.#uses.set(id, uses + 1, uses === 0 ? {} : { noUpdateTTL: true });
    return true;
  }
}
