import type { HandlerContext } from "@connectrpc/connect";

/** A call the stub was sent: the method, and the credentials that came with it. */
export interface SeenCall {
  readonly method: string;
  readonly authorization: string | null;
  readonly cookie: string | null;
}

/** Writes a call down; throws where the method is told to fail. */
export type See = (method: string, context: HandlerContext) => void;
