import type { FastifyReply, FastifyRequest } from "fastify";
import { FlyteError } from "../../shared/errors.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import { type Problem, sendProblem } from "../problem.ts";
import { deny } from "../record/decide.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { clientAddress } from "../trusted-proxies.ts";
import { CallerKeys } from "./caller-keys.ts";
import { limitHeaders, toSeconds } from "./limit-headers.ts";
import type { Charge, Decision, LimitsStore, Policy } from "./limits-store.ts";
import { MemoryLimits } from "./memory-limits.ts";
import { ProvenCredentials } from "./proven-credentials.ts";
import { policiesOf, type ResolvedRateLimits } from "./rate-limit-options.ts";
import { RedisLimits } from "./redis-limits.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Under which name the limits know the credential of the request; undefined where they know none. */
    limitKey?: string;
  }
}

/** What only grows or changes in a limiter, for metrics. */
export interface RateLimitCounts {
  /** Requests refused so far, by the name of the policy; every policy is there from the start. */
  readonly limited: ReadonlyMap<string, number>;
  /** Decisions made without the Redis that is configured. */
  readonly withoutRedis: number;
}

/** What probes and scrapers ask for: they would take a webhook that is busy for one that is broken. */
const unlimitedPaths: ReadonlySet<string> = new Set(["/health", "/ready", "/metrics"]);

/** Decides which requests come too often. */
export class RateLimiter {
  readonly #limits: ResolvedRateLimits;
  readonly #byRoute: ReadonlyMap<string, Policy>;
  readonly #keys: CallerKeys;
  readonly #proven: ProvenCredentials;
  readonly #store: LimitsStore;
  readonly #limited = new Map<string, number>();
  /** Where several replicas count; undefined where each does for itself. */
  readonly redis: RedisLimits | undefined;

  /** @throws FlyteError `invalid_config` for the limit of a hook that does not exist */
  constructor(limits: ResolvedRateLimits, options: ResolvedOptions) {
    const { redis, now } = limits;
    this.#limits = limits;
    this.#byRoute = routesOf(limits, options);
    this.#keys = new CallerKeys(redis?.keySecret);
    this.#proven = new ProvenCredentials(now);
    const memory = new MemoryLimits({ now });
    this.redis = redis && new RedisLimits(redis, memory, options.logger);
    this.#store = this.redis ?? memory;
    for (const { name } of policiesOf(limits)) this.#limited.set(name, 0);
  }

  get counts(): RateLimitCounts {
    return { limited: this.#limited, withoutRedis: this.redis?.fallbacks ?? 0 };
  }

  /** Lets a request through, or answers that it came too often. */
  admit(request: FastifyRequest, reply: FastifyReply, proceed: () => void): void {
    const charges = this.#chargesOf(request);
    if (charges.length === 0) {
      proceed();
      return;
    }
    const conclude = (decision: Decision): void => {
      reply.headers(limitHeaders(charges, decision));
      if (decision.isAllowed) proceed();
      else this.#refuse(request, reply, charges, decision);
    };
    const decision = this.#store.decide(charges);
    if (decision instanceof Promise) void decision.then(conclude);
    else conclude(decision);
  }

  /** Learns from an answer whether the control plane accepts a credential. A batch can fail as a whole with 207. */
  learn({ limitKey, record }: FastifyRequest, status: number): void {
    if (limitKey === undefined) return;
    if (status === 401) this.#proven.delete(limitKey);
    else if (status < 300 && status !== 207 && record.endpoint !== undefined)
      this.#proven.add(limitKey);
  }

  /** Narrow limits first: of two that are broken for as long, the caller is told of its own. */
  #chargesOf(request: FastifyRequest): readonly Charge[] {
    const { perCredential, perAddress, global } = this.#limits;
    const url = request.is404 ? undefined : request.routeOptions.url;
    if (url !== undefined && unlimitedPaths.has(url)) return [];
    const { authMetadata } = request;
    const charges: Charge[] = [];
    if (authMetadata !== null && (perCredential ?? perAddress) !== undefined) {
      request.limitKey = this.#keys.ofCredential(authMetadata);
    }
    const { limitKey } = request;
    if (perCredential !== undefined && limitKey !== undefined) {
      charges.push({ policy: perCredential, key: limitKey });
    }
    if (perAddress !== undefined && (limitKey === undefined || !this.#proven.has(limitKey))) {
      const address = clientAddress(request) ?? "";
      charges.push({ policy: perAddress, key: this.#keys.ofAddress(address) });
    }
    const route = this.#byRoute.get(`${request.method} ${url}`);
    if (route !== undefined) charges.push({ policy: route, key: "" });
    if (global !== undefined) charges.push({ policy: global, key: "" });
    return charges;
  }

  #refuse(
    { record }: FastifyRequest,
    reply: FastifyReply,
    charges: readonly Charge[],
    { standings }: Decision,
  ): void {
    const broken = charges
      .map(({ policy }, index) => ({ policy, standing: standings[index] }))
      .filter(({ standing }) => standing?.isOver)
      .sort((one, other) => (other.standing?.ticks ?? 0) - (one.standing?.ticks ?? 0))[0];
    if (broken?.standing === undefined) {
      deny(record, "rateLimit:redis");
      sendProblem(reply, {
        code: "overloaded",
        detail: "How many requests there were cannot be told at the moment. Try again later.",
        headers: { "retry-after": "1" },
      });
      return;
    }
    const { policy, standing } = broken;
    deny(record, `rateLimit:${policy.name}`);
    this.#limited.set(policy.name, (this.#limited.get(policy.name) ?? 0) + 1);
    sendProblem(reply, tooOften(policy, toSeconds(standing.ticks)));
  }
}

const whom: Readonly<Record<string, string>> = {
  credential: "for each credential",
  address: "for each address",
};

function tooOften({ name, rate }: Policy, seconds: number): Problem {
  const { count, windowSeconds, burst } = rate;
  const atOnce = burst === count ? "" : `, ${burst} at once`;
  const detail = `The limit "${name}" is reached: ${count} requests in ${windowSeconds} s${atOnce}, ${whom[name] ?? "for all callers together"}. Try again in ${seconds} s.`;
  return { code: "rate_limited", detail, headers: { "retry-after": String(seconds) } };
}

/** By method and the path as it is routed. */
function routesOf(
  { perEndpoint, perHook }: ResolvedRateLimits,
  { endpoints, hooks }: ResolvedOptions,
): ReadonlyMap<string, Policy> {
  const byRoute = new Map<string, Policy>();
  for (const { name, method, path } of endpoints) {
    const policy = perEndpoint.get(name);
    if (policy !== undefined) {
      byRoute.set(`${method} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`, policy);
    }
  }
  for (const [name, policy] of perHook) {
    const hook = hooks.find((one) => one.name === name);
    if (hook === undefined) throw unknownHook(name, hooks);
    for (const method of hook.methods) byRoute.set(`${method} ${hook.path}`, policy);
  }
  return byRoute;
}

function unknownHook(name: string, hooks: ResolvedOptions["hooks"]): FlyteError {
  const names = hooks.map((hook) => hook.name);
  const nearest = nearestName(name, names);
  const remedy =
    nearest === undefined
      ? `There are: ${names.join(", ") || "none"}.`
      : `Did you mean ${nearest}?`;
  return new FlyteError(
    "invalid_config",
    `rateLimits.perRoute names the hook ${JSON.stringify(name)}, which does not exist. ${remedy}`,
  );
}
