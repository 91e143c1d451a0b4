import { FlyteError } from "../../shared/errors.ts";

/** The Redis that replicas count in. */
export interface RedisLimitOptions {
  /** `redis://` or, with TLS, `rediss://[user:password@]host[:port][/database]`. */
  readonly url: string;
  /**
   * A secret of at least 32 characters, the same in all replicas. Credentials and addresses are known in Redis by
   * an HMAC under it alone.
   */
  readonly keySecret: string;
  /** What the names of its keys begin with. @default `flyte-webhook:` */
  readonly prefix?: string;
  /** Longest that a request waits for Redis, in milliseconds. @default 100 */
  readonly timeoutMs?: number;
  /**
   * While Redis does not answer in that time: `memory` lets each replica count for itself,
   * `deny` answers 503 `overloaded`.
   *
   * @default `memory`
   */
  readonly onFailure?: "memory" | "deny";
}

/** The same, checked. */
export type ResolvedRedis = Required<RedisLimitOptions>;

const leastSecret = 32;

/** @throws FlyteError `invalid_config` naming the option, the rule and the remedy, and never the secret */
export function resolveRedis(options: RedisLimitOptions): ResolvedRedis {
  const { url, keySecret, prefix = "flyte-webhook:" } = options;
  const { timeoutMs = 100, onFailure = "memory" } = options;
  if (
    !URL.canParse(url) ||
    !/^rediss?:$/.test(new URL(url).protocol) ||
    new URL(url).hostname === ""
  ) {
    throw invalid(
      "url is not the address of a Redis. Write redis://host:6379, or rediss:// for one with TLS.",
    );
  }
  if (typeof keySecret !== "string" || keySecret.length < leastSecret) {
    throw invalid(
      `keySecret has less than ${leastSecret} characters. Give all replicas the same random text.`,
    );
  }
  if (typeof prefix !== "string" || !/^[\x21-\x7e]{1,100}$/.test(prefix)) {
    throw invalid("prefix must be 1 to 100 visible ASCII characters, such as flyte-webhook:");
  }
  if (onFailure !== "memory" && onFailure !== "deny") {
    throw invalid(`onFailure is ${JSON.stringify(onFailure)}. Choose "memory" or "deny".`);
  }
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 60_000) {
    throw invalid(`timeoutMs must be a whole number from 1 to 60000, not ${String(timeoutMs)}.`);
  }
  return { url, keySecret, prefix, timeoutMs, onFailure };
}

function invalid(what: string): FlyteError {
  return new FlyteError("invalid_config", `rateLimits.redis.${what}`);
}
