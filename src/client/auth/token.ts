/** An access token, and what is known of its end. */
export interface Token {
  /** Sent as `Bearer <accessToken>`. */
  readonly accessToken: string;
  /**
   * Until when to use it, in milliseconds since 1970: a little before its end, since one that ends
   * on its way is refused. Absent when nobody said.
   */
  readonly useUntil?: number;
  /** Gets the next token without asking a person again. */
  readonly refreshToken?: string;
}

/** Whether a text can stand in an HTTP header as a bearer token: visible ASCII, not empty. */
export function isTokenText(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/** Until when to use a token of `expiresInSeconds`: a tenth of its life less, at most 30 s. */
export function useUntil(now: number, expiresInSeconds: number): number {
  const lifeMs = expiresInSeconds * 1000;
  return now + lifeMs - Math.min(30_000, lifeMs / 10);
}
