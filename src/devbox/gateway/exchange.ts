import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Target } from "./read-target.ts";

/** The reason of a request that nobody waits for any more. */
export const gone: Error = new Error("The client is gone.");

/** What the server hands over of a request. */
export interface ExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the client waits for a 100 before it sends the body. */
  readonly expectsContinue: boolean;
  /** What the client wants to go on with in place of HTTP; undefined for an ordinary request. */
  readonly upgrade: Upgrade | undefined;
}

export interface Upgrade {
  readonly protocol: string;
  readonly socket: Socket;
  /** What came after the head. */
  readonly head: Buffer;
}

/** One request and its answer, until either is through or given up. */
export class Exchange implements ExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly expectsContinue: boolean;
  readonly upgrade: Upgrade | undefined;
  /** By which logs of the client, the gateway and the app know it. */
  id = "";
  /** Whether there is no more to be done for it. */
  isOver = false;
  /** Why it was given up: {@link gone}, or a problem to answer with. Undefined while it was not. */
  reason: Error | undefined;
  #onOver: (() => void) | undefined;

  constructor({ request, response, expectsContinue, upgrade }: ExchangeParts) {
    this.request = request;
    this.response = response;
    this.expectsContinue = expectsContinue;
    this.upgrade = upgrade;
  }

  /** Ends it; with a reason where the answer is not through. Only the first call counts. */
  end(reason?: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    this.reason = reason;
    this.#onOver?.();
  }

  /** Sets the one who is called when it is over; nobody while undefined. */
  onOver(listener: (() => void) | undefined): void {
    this.#onOver = listener;
  }
}

/** What is passed on to an app. */
export interface Outgoing {
  readonly exchange: Exchange;
  readonly target: Target;
  /** Names and values in turns. */
  readonly headers: readonly string[];
}

/** How it ended with one replica. */
export type Ending =
  /** The client has its answer, or the exchange is over. */
  | { readonly kind: "done" }
  /** Nothing of an answer came; `again` says whether another replica may be asked. */
  | { readonly kind: "failed"; readonly error: NodeJS.ErrnoException; readonly again: boolean };
