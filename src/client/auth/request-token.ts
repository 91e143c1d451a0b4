import { FlyteError } from "../../shared/errors.ts";
import type { AuthContext } from "./auth-context.ts";
import { type AnswerFields, type FormAnswer, type PostFormOptions, postForm } from "./post-form.ts";
import { isTokenText, type Token, useUntil } from "./token.ts";

/**
 * Asks a token endpoint for a token (RFC 6749).
 *
 * @throws FlyteError `unauthenticated` with the endpoint's error code when it refuses
 */
export async function requestToken(
  address: string,
  context: AuthContext,
  options: Omit<PostFormOptions, "what">,
): Promise<Token> {
  const answer = await postForm(address, context, { ...options, what: "token endpoint" });
  if (answer.ok) return toToken(answer.fields, context.now());
  throw tokenRefused(answer);
}

/** The error for a refusal, with the remedy for the usual causes. */
export function tokenRefused({ error }: FormAnswer & { readonly ok: false }): FlyteError {
  const remedy =
    error === "invalid_client"
      ? "Check the client id and the client secret."
      : "Check the credentials, or sign in again.";
  return new FlyteError(
    "unauthenticated",
    `The token endpoint refused the request (${error}). ${remedy}`,
  );
}

/** Reads a token answer: `access_token`, `expires_in`, `refresh_token`. */
export function toToken(fields: AnswerFields, now: number): Token {
  const accessToken = fields.access_token;
  const refreshToken = fields.refresh_token;
  // Some providers send the number as text.
  const seconds = Number(fields.expires_in);
  if (typeof accessToken !== "string" || !isTokenText(accessToken)) {
    throw new FlyteError(
      "unavailable",
      "The token endpoint's answer holds no access_token that can be sent in a header.",
    );
  }
  return {
    accessToken,
    ...(Number.isFinite(seconds) && seconds > 0 ? { useUntil: useUntil(now, seconds) } : {}),
    ...(typeof refreshToken === "string" && refreshToken !== "" ? { refreshToken } : {}),
  };
}
