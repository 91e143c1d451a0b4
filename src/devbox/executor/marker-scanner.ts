/** Divides a stream of bytes at a marker. */
export interface MarkerScanner {
  /** Feeds the next chunk. What follows the marker is dropped. */
  push(chunk: Uint8Array): void;
  /** Hands over what was held back, when the marker will not come any more. */
  flush(): void;
}

export interface MarkerScannerOptions {
  readonly marker: string;
  readonly onBytes: (bytes: Uint8Array) => void;
  /** All bytes before the marker have been handed over. */
  readonly onMarker: () => void;
}

/**
 * Hands on all bytes before the marker, as they come. Only bytes that could be the beginning of
 * the marker are held back.
 */
export function createMarkerScanner(options: MarkerScannerOptions): MarkerScanner {
  const wanted = Buffer.from(options.marker);
  let held: Buffer = Buffer.alloc(0);
  let seen = false;
  const hand = (bytes: Buffer) => {
    if (bytes.length > 0) options.onBytes(bytes);
  };
  return {
    push(chunk) {
      if (seen) return;
      const bytes = held.length === 0 ? asBuffer(chunk) : Buffer.concat([held, chunk]);
      const at = bytes.indexOf(wanted);
      seen = at >= 0;
      const end = seen ? at : bytes.length - heldBack(bytes, wanted);
      held = seen ? Buffer.alloc(0) : Buffer.from(bytes.subarray(end));
      hand(bytes.subarray(0, end));
      if (seen) options.onMarker();
    },
    flush() {
      hand(held);
      held = Buffer.alloc(0);
    },
  };
}

/** Length of the longest end of `bytes` that begins the marker. */
function heldBack(bytes: Buffer, marker: Buffer): number {
  for (let length = Math.min(marker.length - 1, bytes.length); length > 0; length--) {
    const end = bytes.subarray(bytes.length - length);
    if (marker.subarray(0, length).equals(end)) return length;
  }
  return 0;
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
