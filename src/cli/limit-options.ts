import { Option } from "commander";
import { FlyteError } from "../shared/errors.ts";
import type { RateLimitOptions } from "../webhook/rate-limits/rate-limit-options.ts";
import { readRateWords } from "../webhook/rate-limits/rate-words.ts";
import { parseCount, parseDuration, refuseAsArgument } from "./parse-argument.ts";

/** Where the Redis of rate limits comes from: its address may hold a password, and on a command line it could be seen. */
const urlVariable = "FLYTE_WEBHOOK_REDIS_URL";
const keyVariable = "FLYTE_WEBHOOK_REDIS_KEY";

/** What the command says of limits. */
export interface LimitCommandOptions {
  readonly maxConcurrent?: number;
  readonly maxQueued?: number;
  readonly queueTimeout?: number;
  readonly maxConnections?: number;
  readonly addressConnections?: number;
  readonly keepAlive?: number;
  readonly writeTimeout?: number;
  readonly rateLimit?: readonly string[];
}

export function limitOptions(): readonly Option[] {
  return [
    new Option(
      "--rate-limit <name=rate...>",
      "how often may be asked, such as credential=100/min: credential, address, global, an endpoint or hook:NAME (repeatable)",
    ).argParser(collectRate),
    new Option(
      "--max-concurrent <requests>",
      "requests that work against the control plane at once (256)",
    ).argParser(parseCount),
    new Option(
      "--max-queued <requests>",
      "requests that wait for those; those beyond are refused with 503 (1024)",
    ).argParser((text) => (text === "0" ? 0 : parseCount(text))),
    new Option("--queue-timeout <duration>", "longest such wait (5s)").argParser(parseDuration),
    new Option("--max-connections <count>", "connections at once (10000)").argParser(parseCount),
    new Option(
      "--address-connections <count>",
      "connections at once from one address (no bound of its own)",
    ).argParser(parseCount),
    new Option(
      "--keep-alive <duration>",
      "how long a connection without a request is kept (72s)",
    ).argParser(parseDuration),
    new Option(
      "--write-timeout <duration>",
      "how long who reads an answer may take nothing of it (60s)",
    ).argParser(parseDuration),
  ];
}

function collectRate(word: string, all: readonly string[] = []): readonly string[] {
  refuseAsArgument(() => readRateWords([...all, word]));
  return [...all, word];
}

/** What `--rate-limit` says; undefined without it. */
export function toRateLimits({ rateLimit }: LimitCommandOptions): RateLimitOptions | undefined {
  return rateLimit && readRateWords(rateLimit);
}

/**
 * The same, shared by replicas where the environment names a Redis, for the process that serves.
 *
 * @throws FlyteError `invalid_config` when the key is not set
 */
export function withRedis(
  settings: { readonly rateLimits?: RateLimitOptions },
  env: Readonly<Record<string, string | undefined>> = process.env,
): { readonly rateLimits?: RateLimitOptions } {
  const { rateLimits } = settings;
  const url = env[urlVariable];
  if (rateLimits === undefined || url === undefined || url === "") return {};
  const keySecret = env[keyVariable];
  if (keySecret !== undefined && keySecret !== "") {
    return { rateLimits: { ...rateLimits, redis: { url, keySecret } } };
  }
  throw new FlyteError(
    "invalid_config",
    `${urlVariable} needs ${keyVariable}: a secret of at least 32 characters, the same for all replicas.`,
  );
}
