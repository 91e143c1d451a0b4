import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/**
 * The id of a request: the caller's `x-request-id` when it is one of 1-128 letters, digits, `.`, `_` or
 * `-`, so that it can go into logs and headers as it is; else a new UUID.
 */
export function readRequestId({ headers }: Pick<IncomingMessage, "headers">): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && /^[\w.-]{1,128}$/.test(given) ? given : randomUUID();
}
