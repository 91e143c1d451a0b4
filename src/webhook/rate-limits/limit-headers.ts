import { type Standing, ticksPerSecond } from "./gcra.ts";
import type { Charge, Decision, Policy } from "./limits-store.ts";

/**
 * `RateLimit-Policy` and `RateLimit` as structured fields (draft-ietf-httpapi-ratelimit-headers-11, RFC 9651). The
 * limits of the caller alone, and those that were broken: how a shared limit stands would tell about others
 * (section 8.2). Together with `Retry-After` only those that were broken, so that none says otherwise (section 6).
 */
export function limitHeaders(
  charges: readonly Charge[],
  { isAllowed, standings }: Decision,
): Readonly<Record<string, string>> {
  const policies: string[] = [];
  const limits: string[] = [];
  for (const [index, { policy }] of charges.entries()) {
    const standing = standings[index];
    if (standing === undefined || (policy.isShared && !standing.isOver)) continue;
    policies.push(printPolicy(policy));
    if (isAllowed || standing.isOver) limits.push(printStanding(policy, standing));
  }
  if (policies.length === 0) return {};
  return {
    "ratelimit-policy": policies.join(", "),
    ...(limits.length > 0 && { ratelimit: limits.join(", ") }),
  };
}

/** Whole seconds, rounded up: nobody should come too early. */
export function toSeconds(ticks: number): number {
  return Math.max(1, Math.ceil(ticks / ticksPerSecond));
}

function printPolicy({ name, rate }: Policy): string {
  const { count, windowSeconds, burst } = rate;
  const extra = burst === count ? "" : `;flyte-burst=${burst}`;
  return `"${name}";q=${count};w=${windowSeconds}${extra}`;
}

function printStanding({ name }: Policy, { left, ticks }: Standing): string {
  return `"${name}";r=${left};t=${toSeconds(ticks)}`;
}
