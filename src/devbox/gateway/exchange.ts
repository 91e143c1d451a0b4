import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Target } from "./read-target.ts";

/** One request and its answer, as the server handed them over. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the client waits for a 100 before it sends the body. */
  readonly expectsContinue: boolean;
  /** Aborted with {@link gone} when the client left, or what it sends can no longer be understood. */
  readonly abandoned: AbortController;
  /** What the client wants to go on with in place of HTTP; undefined for an ordinary request. */
  readonly upgrade: Upgrade | undefined;
}

/** The reason of a request that nobody waits for any more. */
export const gone: Error = new Error("The client is gone.");

export interface Upgrade {
  readonly protocol: string;
  readonly socket: Socket;
  /** What came after the head. */
  readonly head: Buffer;
}

/** What is passed on to an app. */
export interface Outgoing extends Exchange {
  readonly target: Target;
  /** Names and values in turns. */
  readonly headers: readonly string[];
}

/** How it ended with one replica. */
export type Ending =
  /** The client has its answer, or is gone. */
  | { readonly kind: "done" }
  /** Nothing of an answer came; `again` says whether another replica may be asked. */
  | { readonly kind: "failed"; readonly error: Error; readonly again: boolean };
