import type { Scope } from "../../client/control-plane.ts";

/** A run, wherever it lives. */
export type RunPlace = Scope & { readonly name: string };

/** Somebody who is to be told of the end of a run. */
export interface Notice {
  /** The same however often it is asked for, so that a receiver can tell what it has had: `msg_…`. */
  readonly id: string;
  /** Whose format it has, and whose credential the run is followed with: that of callbacks, or of a hook. */
  readonly to: "callback" | `hook:${string}`;
  /** Whoever knows it may send to it: never logged. */
  readonly url: string;
  readonly run: RunPlace;
  /** When it was asked for, in milliseconds since the epoch. */
  readonly since: number;
}

/** How a notice came to its end. */
export type NoticeEnd =
  | "delivered"
  /** Its receiver wants no more of it (410), or never will. */
  | "refused"
  /** Every attempt has failed. */
  | "given_up"
  /** Its time was over before the run's. */
  | "expired"
  /** The run was never started. */
  | "withdrawn";
