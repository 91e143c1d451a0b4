import { FlyteError } from "../../shared/errors.ts";
import { parseRate } from "./rate.ts";
import type { RateLimitOptions } from "./rate-limit-options.ts";

const single = { credential: "perCredential", address: "perAddress", global: "global" } as const;

function isSingle(name: string): name is keyof typeof single {
  return Object.hasOwn(single, name);
}

/**
 * Limits as words of a command line, `NAME=RATE`: of each `credential`, of each `address`, `global`, or of an
 * endpoint or `hook:NAME`. Undefined where words cannot say them: secrets do not belong there.
 */
export function toRateWords(limits: RateLimitOptions): readonly string[] | undefined {
  if (limits.redis !== undefined || limits.now !== undefined) return undefined;
  const entries = [
    ...Object.entries(single).map(([name, option]) => [name, limits[option]] as const),
    ...Object.entries(limits.perRoute ?? {}),
  ];
  return entries.flatMap(([name, rate]) => (rate === undefined ? [] : [`${name}=${rate}`]));
}

/**
 * Reads what {@link toRateWords} writes. Names of endpoints are checked where the webhook is made.
 *
 * @throws FlyteError `invalid_config` naming the word, the rule and the remedy
 */
export function readRateWords(words: readonly string[]): RateLimitOptions {
  const rates = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf("=");
    const [name, rate] = [word.slice(0, Math.max(at, 0)), word.slice(at + 1)];
    if (name === "") {
      throw new FlyteError(
        "invalid_config",
        `${JSON.stringify(word)} is not NAME=RATE. Write for example credential=100/min.`,
      );
    }
    if (rates.has(name)) {
      throw new FlyteError("invalid_config", `The limit ${name} is there twice. Give one of them.`);
    }
    parseRate(rate, name);
    rates.set(name, rate);
  }
  const routes = [...rates].filter(([name]) => !isSingle(name));
  const singles = [...rates].flatMap(([name, rate]) =>
    isSingle(name) ? [[single[name], rate] as const] : [],
  );
  return {
    ...Object.fromEntries(singles),
    ...(routes.length > 0 && { perRoute: Object.fromEntries(routes) }),
  };
}
