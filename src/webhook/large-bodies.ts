/** What each body may have that counts for nothing. */
const smallBytes = 64 * 1024;

/** How much of large bodies may be in memory at once, before anything is known of who sends them. */
const mostBytes = 256 * 1024 * 1024;

/** One body that is being read. */
export interface BodyShare extends Disposable {
  /** Takes so many more bytes; false, with nothing taken, where there is no room. */
  take(bytes: number): boolean;
}

/**
 * Bounds what bodies that are half sent hold together: who opens connections and sends all of a body but its end
 * could otherwise fill the memory. Small bodies are always read, and one alone however large it is.
 */
export class LargeBodies {
  readonly #most: number;
  readonly #small: number;
  #taken = 0;

  constructor(most: number = mostBytes, small: number = smallBytes) {
    this.#most = most;
    this.#small = small;
  }

  /** Bytes that are taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** Begins a body. Dispose it when it is read, or not going to be. */
  begin(): BodyShare {
    let length = 0;
    let own = 0;
    return {
      take: (bytes) => {
        const wanted = Math.max(0, length + bytes - this.#small) - own;
        if (wanted > 0 && this.#taken > own && this.#taken + wanted > this.#most) return false;
        length += bytes;
        own += wanted;
        this.#taken += wanted;
        return true;
      },
      [Symbol.dispose]: () => {
        this.#taken -= own;
        length = own = 0;
      },
    };
  }
}

/** Of this process, whose memory it is. */
export const largeBodies: LargeBodies = new LargeBodies();
