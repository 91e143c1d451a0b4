import { pipeline, Transform } from "node:stream";
import type { Dispatcher } from "undici";
import type { Answer } from "../answer-request.ts";

/** What is known of a call when its answer begins. */
export interface AppExchange {
  readonly url: URL;
  readonly method: string;
  readonly limitBytes: number;
  /** Called once, when nothing of the answer is left to come. */
  readonly onEnd: () => void;
}

/**
 * What an app may do in a browser that shows its answer at the webhook's address: nothing. It must
 * not act as the webhook.
 */
const sandbox =
  "sandbox; default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Whether an answer says of itself that it is longer than allowed. */
export function announcesTooMuch(
  { headers }: Dispatcher.ResponseData,
  limitBytes: number,
): boolean {
  return Number(headers["content-length"] ?? 0) > limitBytes;
}

/** Passes on what an app answers: its status, what kind of body it is, and the body. */
export function toStreamAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  exchange: AppExchange,
): Answer {
  const { limitBytes, onEnd } = exchange;
  const limited = new Transform({ transform: limitTo(limitBytes) });
  pipeline(body, limited, onEnd);
  const sent: Record<string, string> = { "content-security-policy": sandbox };
  const names = ["content-type", "content-encoding", "content-length"];
  for (const name of exchange.method === "HEAD" ? names.slice(0, 1) : names) {
    const value = headers[name];
    // Of a header that came twice none counts.
    if (typeof value === "string" && /^[ -~]{1,1000}$/.test(value)) sent[name] = value;
  }
  sent["content-type"] ??= "application/octet-stream";
  if (statusCode === 401) sent["www-authenticate"] = "Bearer";
  const location = toOwnLocation(statusCode, headers["location"], exchange.url);
  if (location !== undefined) sent["x-app-location"] = location;
  return { stream: { status: statusCode, headers: sent, body: limited } };
}

function limitTo(
  limitBytes: number,
): NonNullable<ConstructorParameters<typeof Transform>[0]>["transform"] {
  let bytes = 0;
  return (chunk: Buffer, _encoding, done) => {
    bytes += chunk.length;
    if (bytes > limitBytes) done(new Error(`longer than ${limitBytes} bytes`));
    else done(null, chunk);
  };
}

/**
 * Where an app redirects to within itself. Under its own name a client would look for it at the
 * webhook, and follow it there with its credential.
 */
function toOwnLocation(status: number, location: unknown, url: URL): string | undefined {
  if (status < 300 || status > 399 || typeof location !== "string") return undefined;
  if (!URL.canParse(location, url.href)) return undefined;
  const target = new URL(location, url);
  return target.origin === url.origin ? `${target.pathname}${target.search}` : undefined;
}
