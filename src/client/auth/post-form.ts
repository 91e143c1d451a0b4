import { rootCertificates } from "node:tls";
import { Agent, type Dispatcher, ProxyAgent, request } from "undici";
import { FlyteError } from "../../shared/errors.ts";
import type { AuthContext } from "./auth-context.ts";
import { toSafeUrl } from "./safe-url.ts";

export interface PostFormOptions {
  /** How errors name the address, for example `token endpoint`. */
  readonly what: string;
  /** Form fields; empty ones are left out. */
  readonly form: Readonly<Record<string, string>>;
  /** Value of the `authorization` header. */
  readonly authorization?: string;
  readonly signal: AbortSignal;
}

/** The fields of an answer that are of use (RFC 6749 section 5, RFC 8628 section 3.2), unchecked. */
export interface AnswerFields {
  readonly access_token?: unknown;
  readonly expires_in?: unknown;
  readonly refresh_token?: unknown;
  readonly device_code?: unknown;
  readonly user_code?: unknown;
  readonly verification_uri?: unknown;
  readonly interval?: unknown;
  readonly error?: unknown;
}

/** An identity provider's answer: the fields, or the error code of RFC 6749 section 5.2. */
export type FormAnswer =
  | { readonly ok: true; readonly fields: AnswerFields }
  | { readonly ok: false; readonly error: string };

const timeoutMs = 30_000;

/**
 * Posts a form to an identity provider and reads the JSON answer. Redirects are not followed, and
 * of a refusal only the error code is kept: descriptions may repeat what was sent.
 *
 * @throws FlyteError `unavailable` when there is no usable answer, `invalid_config` for an address
 * that is neither encrypted nor on this machine
 */
export async function postForm(
  address: string,
  context: AuthContext,
  { what, form, authorization, signal }: PostFormOptions,
): Promise<FormAnswer> {
  const url = toSafeUrl(address, what);
  const dispatcher = openDispatcher(url, context);
  try {
    const { statusCode, body } = await request(url, {
      method: "POST",
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        accept: "application/json",
        "cache-control": "no-cache",
        "content-type": "application/x-www-form-urlencoded",
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: new URLSearchParams(
        Object.entries(form).filter(([, value]) => value !== ""),
      ).toString(),
    });
    return toAnswer(statusCode, await body.text(), what, url);
  } catch (cause) {
    if (signal.aborted || FlyteError.is(cause)) throw cause;
    throw new FlyteError("unavailable", `The ${what} at ${url.host} cannot be reached.`, { cause });
  } finally {
    await dispatcher.destroy();
  }
}

function openDispatcher(url: URL, { endpoint, tls, httpProxyUrl }: AuthContext): Dispatcher {
  // Leave to skip verification is given for the control plane, not for every host it names; its
  // private authority is trusted beside the public ones, since the provider may use either.
  const own = url.hostname === new URL(endpoint.baseUrl).hostname;
  const connect = own ? tls : tls.ca === undefined ? {} : { ca: [...rootCertificates, tls.ca] };
  const limits = { maxResponseSize: 1024 * 1024 };
  if (httpProxyUrl === undefined) return new Agent({ ...limits, connect });
  return new ProxyAgent({ ...limits, uri: httpProxyUrl, requestTls: connect });
}

function toAnswer(status: number, text: string, what: string, url: URL): FormAnswer {
  const fields = readObject(text);
  if (status === 200 && fields !== undefined) return { ok: true, fields };
  const error = fields?.error;
  if (status >= 400 && status < 500 && typeof error === "string" && /^[a-z_]{1,40}$/.test(error)) {
    return { ok: false, error };
  }
  throw new FlyteError(
    status === 401 || status === 403 ? "unauthenticated" : "unavailable",
    `The ${what} at ${url.host} gave no usable answer (HTTP status ${status}).`,
  );
}

function readObject(text: string): AnswerFields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return value;
  } catch {
    // Not JSON: reported by the caller as an answer that cannot be used.
    return undefined;
  }
}
