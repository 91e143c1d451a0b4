import type { IncomingHttpHeaders } from "node:http";

/** The trace that a request belongs to (W3C Trace Context, `traceparent`): 32 hexadecimal digits. */
export function traceIdOf(headers: IncomingHttpHeaders): string | undefined {
  const { traceparent } = headers;
  if (typeof traceparent !== "string") return undefined;
  const [, id] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent) ?? [];
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}
