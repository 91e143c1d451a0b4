import { type Dispatcher, request } from "undici";
import type { CreateUploadLocationResponse } from "../idl/data-proxy.ts";
import { FlyteError } from "../shared/errors.ts";
import { startDeadline } from "../shared/signals.ts";
import type { CallContext } from "./call-context.ts";
import { toFlyteError } from "./errors.ts";

const acceptedStatuses: ReadonlySet<number> = new Set([200, 201, 204]);
const passingStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** What the store answered instead of taking a file; no part of a signed URL but its host is in it. */
export class StoreFailure extends Error {
  /** What happened, as the middle of a sentence. */
  readonly what: string;
  /** Whether a second try could go better. */
  readonly isPassing: boolean;
  /** The header `Retry-After`. */
  readonly retryAfter: string | undefined;

  constructor(what: string, isPassing: boolean, retryAfter?: string) {
    super(what);
    this.what = what;
    this.isPassing = isPassing;
    this.retryAfter = retryAfter;
  }
}

export interface PutParts {
  readonly location: CreateUploadLocationResponse;
  readonly md5: Uint8Array;
}

/**
 * Puts a file to a signed URL, once. No credential goes with it: the URL is one.
 *
 * @throws StoreFailure when the store does not take it, FlyteError `deadline_exceeded` or `canceled`
 */
export async function putFile(
  { bytes }: { readonly bytes: Uint8Array },
  { location, md5 }: PutParts,
  call: CallContext,
): Promise<void> {
  const url = parseSignedUrl(location.signedUrl);
  const timeoutMs = call.deadline - performance.now();
  using limit = startDeadline({ signals: [call.signal], timeoutMs });
  let answer: Dispatcher.ResponseData;
  try {
    answer = await request(url, {
      method: "PUT",
      body: bytes,
      signal: limit.signal,
      headers: toHeaders(location, md5),
      // The deadline is the only limit: a store answers when it has written all.
      headersTimeout: 0,
    });
    await answer.body.dump();
  } catch (error) {
    if (limit.signal.aborted) throw toLimitError(limit.signal.reason);
    // The cause stays behind: errors of the HTTP client may quote the URL.
    throw new StoreFailure(`${url.origin} did not answer (${codeOf(error)})`, isNetwork(error));
  }
  const { statusCode, headers } = answer;
  if (acceptedStatuses.has(statusCode)) return;
  const retryAfter = headers["retry-after"];
  throw new StoreFailure(
    `${url.origin} answered with status ${statusCode}`,
    passingStatuses.has(statusCode),
    typeof retryAfter === "string" ? retryAfter : undefined,
  );
}

/**
 * How long to wait before try number `retry` (the first retry is 0): half a second doubled each
 * time up to ten; or what `Retry-After` says in whole seconds, up to sixty.
 */
export function toUploadWaitMs(retry: number, retryAfter: string | undefined): number {
  if (retryAfter !== undefined && /^ *\d+ *$/.test(retryAfter)) {
    return Math.min(60, Number(retryAfter)) * 1_000;
  }
  return Math.min(10_000, 500 * 2 ** Math.min(retry, 30));
}

function parseSignedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  throw new FlyteError(
    "internal",
    "The control plane named an upload address that is no http:// or https:// URL.",
  );
}

/** What the store asks for, with one `Content-MD5` however it spells the name. */
function toHeaders(
  { headers, nativeUrl }: CreateUploadLocationResponse,
  md5: Uint8Array,
): Record<string, string> {
  const asked = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    "content-md5": Buffer.from(md5).toString("base64"),
    ...(/^abfss?:/i.test(nativeUrl) && { "x-ms-blob-type": "BlockBlob" }),
    ...(Object.fromEntries(asked) as Record<string, string>),
  };
}

function toLimitError(reason: unknown): FlyteError {
  const error = toFlyteError(reason);
  if (error.code === "deadline_exceeded") {
    return new FlyteError("deadline_exceeded", "Storing the file took longer than allowed.");
  }
  return new FlyteError("canceled", "The call was canceled.", { cause: reason });
}

/** Requests that could not even be made would fail the same way again. */
function isNetwork(error: unknown): boolean {
  return !/^UND_ERR_(INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH)$/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "no code";
}
