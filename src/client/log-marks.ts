import type { Timestamp } from "@bufbuild/protobuf/wkt";

/** What a log line is known again by. */
export interface MarkedLine {
  readonly replica: string;
  /** Lines without one cannot be known again. */
  readonly timestamp: Timestamp | undefined;
}

/** The latest time that was told of a replica, and how many lines of that very time. */
interface Mark {
  readonly time: bigint;
  readonly lines: number;
}

/**
 * How far the lines of each replica have been told. A stream of logs begins with what was written
 * before, so that one that is opened again repeats it. Keeps no lines, and so takes little memory.
 */
export class LogMarks {
  readonly #told = new Map<string, Mark>();

  /** Begins a stream. The function it gives says of each line of it whether it is a new one. */
  startStream(): (line: MarkedLine) => boolean {
    const before = new Map(this.#told);
    const repeated = new Map<string, number>();
    return ({ replica, timestamp }) => {
      if (timestamp === undefined) return true;
      const time = timestamp.seconds * 1_000_000_000n + BigInt(timestamp.nanos);
      const mark = before.get(replica);
      if (mark !== undefined && time < mark.time) return false;
      if (mark !== undefined && time === mark.time) {
        const lines = repeated.get(replica) ?? 0;
        repeated.set(replica, lines + 1);
        if (lines < mark.lines) return false;
      }
      this.#note(replica, time);
      return true;
    };
  }

  /** Lines of two streams of a process may come a little out of order. */
  #note(replica: string, time: bigint): void {
    const mark = this.#told.get(replica);
    if (mark === undefined || time > mark.time) this.#told.set(replica, { time, lines: 1 });
    else if (time === mark.time) this.#told.set(replica, { time, lines: mark.lines + 1 });
  }
}
