import { type Capture, createCapture } from "../executor/capture.ts";
import type { LogSink } from "./app-log-store.ts";

/** Takes what a replica writes. */
export interface ReplicaOutput {
  readonly push: Capture["push"];
  /** Ends the log. Returns the last lines. Safe to call twice. */
  end(): readonly string[];
}

const TAIL_LINES = 10;

/**
 * Writes a replica's output to its log, which limits itself in size.
 *
 * @param onFailure called when the log cannot be written; the output is dropped from then on
 */
export function createReplicaOutput(
  log: LogSink,
  onFailure: (error: unknown) => void,
): ReplicaOutput {
  const tail: string[] = [];
  let hasFailed = false;
  const capture = createCapture({
    maxBytes: Number.POSITIVE_INFINITY,
    onLines(lines) {
      tail.push(...lines.slice(-TAIL_LINES).map(({ message }) => message));
      tail.splice(0, tail.length - TAIL_LINES);
      if (hasFailed) return;
      try {
        log.append(lines);
      } catch (error) {
        hasFailed = true;
        onFailure(error);
      }
    },
  });
  return {
    push: (stream, chunk) => capture.push(stream, chunk),
    end() {
      capture.end();
      log.close();
      return tail;
    },
  };
}
