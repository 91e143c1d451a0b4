/** Looked at for each key that is added. */
const looks = 8;

/**
 * When the bucket of each key is full again, for a bounded number of keys: full ones are forgotten, and
 * where there is no room, of a few the one that is nearest to full. Who has used little gains little by
 * being forgotten, and who uses much stays.
 */
export class Buckets {
  readonly #most: number;
  readonly #fullAt = new Map<string, number>();
  /** Goes round and round; each key is looked at in turn. */
  #hand: MapIterator<[string, number]> = this.#fullAt.entries();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#fullAt.size;
  }

  get(key: string): number | undefined {
    return this.#fullAt.get(key);
  }

  set(key: string, fullAt: number, now: number): void {
    if (this.#fullAt.size > 0 && !this.#fullAt.has(key)) this.#makeRoom(now);
    this.#fullAt.set(key, fullAt);
  }

  #makeRoom(now: number): void {
    let nearest: readonly [key: string, fullAt: number] | undefined;
    for (let look = 0; look < looks && this.#fullAt.size > 0; look++) {
      const [key, fullAt] = this.#next();
      if (fullAt <= now) this.#fullAt.delete(key);
      else if (nearest === undefined || fullAt < nearest[1]) nearest = [key, fullAt];
    }
    if (nearest !== undefined && this.#fullAt.size >= this.#most) this.#fullAt.delete(nearest[0]);
  }

  #next(): readonly [key: string, fullAt: number] {
    const { value } = this.#hand.next();
    if (value !== undefined) return value;
    this.#hand = this.#fullAt.entries();
    return this.#next();
  }
}
