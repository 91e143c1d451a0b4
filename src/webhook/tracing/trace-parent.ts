import type { IncomingHttpHeaders } from "node:http";

/** Which trace a request belongs to, as W3C Trace Context says it (https://www.w3.org/TR/trace-context/). */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The headers `traceparent` and `tracestate` as they came, flat. */
  readonly headers: readonly string[];
}

/** Versions beyond 00 may have more parts; version ff does not exist. */
const form = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-[!-~]*)?$/;
const longest = 512;

/** Undefined without a `traceparent`, and for one that is not valid: it is then as if there were none. */
export function readTraceParent(headers: IncomingHttpHeaders): TraceParent | undefined {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== "string" || traceparent.length > longest) return undefined;
  const [, version, traceId, parentId, more] = form.exec(traceparent) ?? [];
  if (traceId === undefined || parentId === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  if (version === "00" && more !== undefined) return undefined;
  const passed = ["traceparent", traceparent];
  if (typeof tracestate === "string" && isState(tracestate)) passed.push("tracestate", tracestate);
  return { traceId, headers: passed };
}

/** Members with keys and values; anything else is not passed on. */
function isState(text: string): boolean {
  if (text.length > longest) return false;
  const members = text.split(",").map((member) => member.trim());
  return (
    members.some(Boolean) &&
    members.every((member) => /^$|^[a-z0-9][\w@*/-]*=[ -+\--<>-~]*$/.test(member))
  );
}
