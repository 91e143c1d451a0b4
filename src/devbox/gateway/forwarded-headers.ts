import type { Caller } from "../auth/caller.ts";
import { headerKinds, kindsOf } from "./header-kinds.ts";

/** Header names and values in turns, as they came: what `rawHeaders` is. */
export type RawHeaders = readonly string[];

/** Where a request came from, as the gateway saw it itself. */
export interface Origin {
  readonly remoteAddress: string;
  /** The `Host` of the request. */
  readonly host: string;
  /** The port it came in on. */
  readonly port: number;
}

/**
 * The headers that the app gets: those of the client, without those of the connection and those that
 * only a gateway may set, and what the gateway says of the caller and of where the request came from.
 *
 * @param caller who was let in; undefined where strangers are
 */
export function toAppHeaders(
  headers: RawHeaders,
  origin: Origin,
  caller: Caller | undefined,
): string[] {
  const kept = keep(headers, notForApps);
  const { remoteAddress, host, port } = origin;
  const node = remoteAddress.includes(":") ? `"[${remoteAddress}]"` : remoteAddress;
  kept.push("Forwarded", `for=${node};host="${host}";proto=http`);
  kept.push("X-Forwarded-For", remoteAddress, "X-Real-IP", remoteAddress);
  kept.push(
    "X-Forwarded-Host",
    host,
    "X-Forwarded-Port",
    String(port),
    "X-Forwarded-Proto",
    "http",
  );
  if (caller === undefined) return kept;
  kept.push("x-flyte-user-subject", toHeaderValue(caller.subject));
  kept.push("x-flyte-user-name", toHeaderValue(caller.name));
  kept.push("x-flyte-user-email", toHeaderValue(caller.email));
  return kept;
}

/** The headers that the client gets of an app's answer. */
export function toClientHeaders(headers: RawHeaders, status: number): string[] {
  // 204 has no length (RFC 9110, section 8.6).
  return keep(
    headers,
    status === 204 ? headerKinds.hop | headerKinds.contentLength : headerKinds.hop,
  );
}

/** Trailers, without what may only be said in a head (RFC 9110, section 6.5.1). */
export function toTrailers(trailers: RawHeaders): [name: string, value: string][] {
  if (trailers.length === 0) return [];
  const kept = keep(trailers, notInTrailers);
  return kept.flatMap((name, at) => (at % 2 === 0 ? [[name, kept[at + 1] ?? ""]] : []));
}

/** The names that `Connection` says belong to the connection, in lower case. */
export function connectionOptions(headers: RawHeaders): readonly string[] {
  let options = "";
  for (let at = 0; at < headers.length; at += 2) {
    const isConnection = (kindsOf(headers[at] ?? "") & headerKinds.connection) !== 0;
    if (isConnection) options += `,${headers[at + 1]}`;
  }
  if (options === "") return [];
  const names = options.toLowerCase().split(",");
  return names.map((name) => name.trim()).filter((name) => name !== "");
}

/** Whether one of the headers is of these kinds. */
export function includesKind(headers: RawHeaders, kinds: number): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    if ((kindsOf(headers[at] ?? "") & kinds) !== 0) return true;
  }
  return false;
}

const notForApps =
  headerKinds.hop | headerKinds.reserved | headerKinds.expect | headerKinds.requestId;
const notInTrailers =
  headerKinds.hop | headerKinds.reserved | headerKinds.exact | headerKinds.cookie;

/** The headers without those of these kinds, and those that `Connection` names. */
function keep(headers: RawHeaders, dropped: number): string[] {
  const options = connectionOptions(headers);
  const kept: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? "";
    if ((kindsOf(name) & dropped) !== 0) continue;
    if (options.length > 0 && options.includes(name.toLowerCase())) continue;
    kept.push(name, headers[at + 1] ?? "");
  }
  return kept;
}

/** What a header can hold: other characters than visible ASCII, and `%`, are percent-encoded UTF-8. */
function toHeaderValue(text: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(text)) return text;
  const wellFormed = Buffer.from(text).toString();
  return wellFormed.replaceAll(/[^\x20-\x24\x26-\x7e]+/gu, encodeURIComponent);
}
