import { LRUCache } from "lru-cache";

const ttl = 600_000;
const max = 10_000;

/** Credentials that the control plane has accepted a short time ago, by their keys. */
export class ProvenCredentials {
  readonly #known: LRUCache<string, true>;

  constructor(now: () => number) {
    // A time of 0 would count as none.
    this.#known = new LRUCache({ max, ttl, ttlResolution: 0, perf: { now: () => now() + 1 } });
  }

  has(key: string): boolean {
    return this.#known.has(key);
  }

  add(key: string): void {
    this.#known.set(key, true);
  }

  /** The control plane does not accept it any more. */
  delete(key: string): void {
    this.#known.delete(key);
  }
}
