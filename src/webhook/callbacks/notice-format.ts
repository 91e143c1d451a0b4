import type { RunStatus } from "../../client/control-plane.ts";
import type { Notice } from "./notice.ts";
import type { Attempt } from "./notice-sender.ts";
import type { RunEnds } from "./run-ends.ts";

/** What is sent, before the time of the attempt is known. */
export interface Message extends Pick<Attempt, "body"> {
  /** All headers of an attempt at a time. */
  headersAt(now: Date): Readonly<Record<string, string>>;
}

/** How notices of one kind are followed and told. */
export interface NoticeFormat {
  readonly ends: RunEnds;
  /** Pauses after each attempt but the last. */
  readonly delaysMs: readonly number[];
  /** How long after it was asked for a notice is of any use. */
  readonly usefulMs: number;
  readonly isFinal: Attempt["isFinal"];
  /** Whether an address may be told, also one that an earlier process has kept. */
  readonly mayTell: (url: string) => boolean;
  /** @param run - undefined where the control plane does not know it any more */
  toMessage(notice: Notice, run: RunStatus | undefined): Promise<Message>;
}
