import { createCipheriv, createHash } from "node:crypto";

/** A file that a hub has: made when it is read, so that no size needs memory. */
export interface HubContent {
  readonly size: number;
  read(offset: number, length: number): Buffer;
}

/** Bytes that look random and are the same for the same seed. */
export function seededContent(size: number, seed: number): HubContent {
  const key = createHash("sha256").update(`hub ${seed}`).digest().subarray(0, 16);
  return {
    size,
    read(offset, length) {
      const block = Math.floor(offset / 16);
      const skip = offset - block * 16;
      const counter = Buffer.alloc(16);
      counter.writeBigUInt64BE(BigInt(block), 8);
      const cipher = createCipheriv("aes-128-ctr", key, counter);
      return cipher.update(Buffer.alloc(skip + length)).subarray(skip);
    },
  };
}

export function textContent(text: string): HubContent {
  const bytes = Buffer.from(text);
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

const step = 1024 * 1024;

export function sha256Of(content: HubContent): string {
  return feed(createHash("sha256"), content);
}

/** The name that git gives a blob. */
export function gitHashOf(content: HubContent): string {
  return feed(createHash("sha1").update(`blob ${content.size}\0`), content);
}

function feed(hash: ReturnType<typeof createHash>, content: HubContent): string {
  for (let at = 0; at < content.size; at += step) {
    hash.update(content.read(at, Math.min(step, content.size - at)));
  }
  return hash.digest("hex");
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
