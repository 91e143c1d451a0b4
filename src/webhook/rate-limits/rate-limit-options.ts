import { FlyteError } from "../../shared/errors.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import type { EndpointName } from "../endpoint.ts";
import { endpoints } from "../endpoints.ts";
import { toPace } from "./gcra.ts";
import type { Policy } from "./limits-store.ts";
import { parseRate, type RateText } from "./rate.ts";
import { type RedisLimitOptions, type ResolvedRedis, resolveRedis } from "./redis-options.ts";

/**
 * How often callers may ask, each rate as `COUNT/TIME` such as `100/min`, `20/10s` or `600/hour,burst=50`. Without
 * `burst` as many may come at once as in the whole time. A request has to keep to every limit that applies to it,
 * and counts against none where it breaks one; it is then answered 429 `rate_limited` with `Retry-After`.
 *
 * Answers say how a caller stands in `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11).
 * `/health`, `/ready`, `/metrics` and the questions of browsers before a request have no limit.
 */
export interface RateLimitOptions {
  /** For each credential: the token, else the cookies. @default no limit */
  readonly perCredential?: RateText;
  /**
   * For each address (of IPv6 each network of 64 bits), over its requests without a credential and with one that
   * the control plane has not accepted here in the last ten minutes: whoever makes up a token for each request
   * does not get past it. Behind a proxy it needs `trustedProxies`.
   *
   * @default no limit
   */
  readonly perAddress?: RateText;
  /** For all requests together. @default no limit */
  readonly global?: RateText;
  /** For all requests to an endpoint together, by its name, or to a hook, as `hook:NAME`. @default no limit */
  readonly perRoute?: Readonly<Partial<Record<EndpointName | `hook:${string}`, RateText>>>;
  /** Where several replicas count together. @default each process counts for itself */
  readonly redis?: RedisLimitOptions;
  /**
   * Milliseconds of a clock that only goes forward.
   *
   * @default performance.now
   * @internal
   */
  readonly now?: () => number;
}

/** The same, checked. */
export interface ResolvedRateLimits {
  readonly perCredential: Policy | undefined;
  readonly perAddress: Policy | undefined;
  readonly global: Policy | undefined;
  readonly perEndpoint: ReadonlyMap<string, Policy>;
  readonly perHook: ReadonlyMap<string, Policy>;
  readonly redis: ResolvedRedis | undefined;
  readonly now: () => number;
}

const known: ReadonlySet<string> = new Set<keyof RateLimitOptions>([
  "perCredential",
  "perAddress",
  "global",
  "perRoute",
  "redis",
  "now",
]);

/** What no limit applies to. */
const unlimited: ReadonlySet<string> = new Set(["health", "ready", "metrics"]);

/** @throws FlyteError `invalid_config` naming the option, the rule and the remedy */
export function resolveRateLimits(
  options: RateLimitOptions | undefined,
): ResolvedRateLimits | undefined {
  if (options === undefined) return undefined;
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw unknownName(name, known, "rateLimits");
  }
  const { perCredential, perAddress, global, redis, now = () => performance.now() } = options;
  const routes = Object.entries(options.perRoute ?? {}).filter(
    (route): route is [string, RateText] => route[1] !== undefined,
  );
  const hooks = routes.filter(([name]) => name.startsWith("hook:"));
  const resolved = {
    perCredential: optional(perCredential, "credential", "perCredential"),
    perAddress: optional(perAddress, "address", "perAddress"),
    global: optional(global, "global", "global", true),
    perEndpoint: new Map(
      routes
        .filter((route) => !hooks.includes(route))
        .map(([name, text]) => [checkedEndpoint(name), routePolicy(`route:${name}`, name, text)]),
    ),
    perHook: new Map(
      hooks.map(([name, text]) => [name.slice("hook:".length), routePolicy(name, name, text)]),
    ),
    redis: redis === undefined ? undefined : resolveRedis(redis),
    now,
  };
  if (policiesOf(resolved).length > 0) return resolved;
  throw new FlyteError(
    "invalid_config",
    'rateLimits has no rate. Name one, such as { perCredential: "100/min" }, or leave rateLimits out.',
  );
}

/** All limits there are. */
export function policiesOf(limits: ResolvedRateLimits): readonly Policy[] {
  const { perCredential, perAddress, global, perEndpoint, perHook } = limits;
  return [perCredential, perAddress, global, ...perEndpoint.values(), ...perHook.values()].filter(
    (policy) => policy !== undefined,
  );
}

function optional(
  text: RateText | undefined,
  name: string,
  option: string,
  isShared = false,
): Policy | undefined {
  return text === undefined ? undefined : toPolicy(name, `rateLimits.${option}`, text, isShared);
}

function routePolicy(policy: string, name: string, text: RateText): Policy {
  return toPolicy(policy, `rateLimits.perRoute[${JSON.stringify(name)}]`, text, true);
}

function toPolicy(name: string, place: string, text: RateText, isShared: boolean): Policy {
  const rate = parseRate(text, place);
  return { name, rate, pace: toPace(rate), isShared };
}

function checkedEndpoint(name: string): string {
  if (unlimited.has(name)) {
    throw new FlyteError(
      "invalid_config",
      `rateLimits.perRoute names ${name}, which probes have to reach at any time. Leave it out.`,
    );
  }
  const names = endpoints.map((endpoint) => endpoint.name as string);
  if (names.includes(name)) return name;
  throw unknownName(name, names, "rateLimits.perRoute");
}

function unknownName(name: string, names: Iterable<string>, place: string): FlyteError {
  const nearest = nearestName(name, names);
  const remedy =
    nearest === undefined ? `Known are ${[...names].join(", ")}.` : `Did you mean ${nearest}?`;
  return new FlyteError(
    "invalid_config",
    `${place} does not know ${JSON.stringify(name)}. ${remedy}`,
  );
}
