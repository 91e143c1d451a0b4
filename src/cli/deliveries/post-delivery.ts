import { request } from "undici";
import { FlyteError } from "../../shared/errors.ts";
import type { DeliveryRequest } from "../../webhook/hooks/replay-delivery.ts";
import { exitCodes } from "../exit-codes.ts";

/** What a webhook said to a delivery. */
export interface DeliveryAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** Where to send. @throws FlyteError `invalid_input` */
export function parseTarget(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === "") return url;
  throw new FlyteError(
    "invalid_input",
    `--to ${JSON.stringify(text)} is no address of a hook, such as http://127.0.0.1:8080/hooks/github.`,
  );
}

/** Sends it once and follows no redirects, as providers do. @throws FlyteError `unavailable`, `deadline_exceeded` */
export async function postDelivery(
  to: URL,
  { method, headers, body }: DeliveryRequest,
  timeoutMs: number,
): Promise<DeliveryAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await request(to, {
      method: method === "OPTIONS" ? "OPTIONS" : "POST",
      headers,
      body: method === "OPTIONS" ? null : body,
      signal,
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: await answer.body.text(),
    };
  } catch (error) {
    if (signal.aborted) {
      const message = `${to.origin} has not answered within ${timeoutMs / 1_000} seconds, which is as long as the provider waits.`;
      throw new FlyteError("deadline_exceeded", message, { cause: error });
    }
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new FlyteError("unavailable", `${to.origin} cannot be reached (${reason}).`, {
      cause: error,
    });
  }
}

/** What the answer means for a script. */
export function exitCodeOfStatus(status: number): number {
  if (status >= 200 && status < 300) return exitCodes.done;
  if (status === 401 || status === 403) return exitCodes.denied;
  if (status === 404 || status === 405 || status === 410) return exitCodes.notFound;
  return status === 408 || status === 429 || status >= 500
    ? exitCodes.unavailable
    : exitCodes.usage;
}
