import type { ServiceImplSpec } from "@connectrpc/connect";
import type { AuthenticateOptions } from "../auth/authenticate.ts";
import type { DevboxLogger } from "./logger.ts";
import type { Request, Response } from "./node-http.ts";

/** What is served, and for whom. */
export interface RpcOptions {
  readonly services: readonly ServiceImplSpec[];
  readonly authentication: AuthenticateOptions;
  readonly log: DevboxLogger;
  /** Aborted when the server closes; ends running streams. */
  readonly shutdownSignal: AbortSignal;
}

/**
 * Answers a request that it knows how to answer; rejects when the answer cannot be delivered.
 * Undefined, with nothing done, for any other. `body` is what has been read of the body, if that is
 * all of it or more than it may have.
 */
export type AnswerRpc = (
  request: Request,
  response: Response,
  body?: Uint8Array,
) => Promise<void> | undefined;

/** The most bytes of one request message, after decompression. */
export const maxMessageBytes: number = 32 * 1024 * 1024;
