import type { AuthMetadata } from "../auth-metadata.ts";
import type { Authenticator } from "../options.ts";
import { createSingleFlight } from "./single-flight.ts";
import type { Token } from "./token.ts";

/** How one kind of credential gets its tokens. */
export interface TokenSource {
  /**
   * Gets a token. `previous` is the one that ended or was refused, `refused` tells whether the
   * control plane has just refused a call; undefined when there is none to be had without that.
   */
  getToken(request: TokenRequest): Promise<Token | undefined>;
  /** The header the token travels in. @default `authorization` */
  headerName?(): string;
}

export interface TokenRequest {
  readonly previous: Token | undefined;
  readonly refused: boolean;
  readonly signal: AbortSignal;
}

/**
 * Keeps the token of a source: sent until shortly before its end, replaced then or when a call is
 * refused, fetched once however many calls need it at the same time.
 *
 * @param now the clock, in milliseconds since 1970
 */
export function createTokenAuthenticator(
  source: TokenSource,
  now: () => number = Date.now,
): Authenticator {
  let token: Token | undefined;
  let known: AuthMetadata | undefined;

  const flight = (refused: boolean) =>
    createSingleFlight(async (signal) => {
      const next = await source.getToken({ previous: token, refused, signal });
      token = next;
      known = next && [[source.headerName?.() ?? "authorization", `Bearer ${next.accessToken}`]];
      return known;
    });
  const proactive = flight(false);
  const afterRefusal = flight(true);

  return {
    async headers(signal) {
      if (token !== undefined && now() < (token.useUntil ?? Number.POSITIVE_INFINITY)) return known;
      return proactive.join(signal);
    },
    async refresh(rejected, signal) {
      // Another call was refused first and has the next token already.
      if (known !== undefined && !isSame(known, rejected)) return true;
      return (await afterRefusal.join(signal)) !== undefined;
    },
  };
}

function isSame(known: AuthMetadata, rejected: AuthMetadata | undefined): boolean {
  const [header] = known;
  return rejected?.some(([, value]) => value === header?.[1]) ?? false;
}
