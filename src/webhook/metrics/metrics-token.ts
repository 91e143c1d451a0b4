import { createHash, timingSafeEqual } from "node:crypto";
import { FlyteError } from "../../shared/errors.ts";

const leastLength = 16;

/** @throws FlyteError `invalid_config` for a token that is too short, or cannot be sent in a header */
export function checkedMetricsToken(token: string | undefined): string | undefined {
  if (token === undefined || (token.length >= leastLength && /^[!-~]+$/.test(token))) return token;
  throw new FlyteError(
    "invalid_config",
    `metricsToken must have at least ${leastLength} characters, all of them visible ASCII. Make one with: openssl rand -hex 24`,
  );
}

/** Whether an `Authorization` header carries the token; how long it takes to say so tells nothing about it. */
export function holdsMetricsToken(authorization: string | undefined, token: string): boolean {
  const [, given = ""] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
