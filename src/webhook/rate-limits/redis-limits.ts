import type { FastifyBaseLogger } from "fastify";
import { within } from "../../shared/within.ts";
import type { Charge, Decision, LimitsStore } from "./limits-store.ts";
import { toDecision } from "./limits-store.ts";
import type { MemoryLimits } from "./memory-limits.ts";
import { RedisConnection } from "./redis-connection.ts";
import type { ResolvedRedis } from "./redis-options.ts";
import { askRedis } from "./redis-script.ts";

/** The least that a connection may take, in milliseconds. */
const connectMs = 1000;
/** How long requests go without Redis before one asks for it again. */
const pauseMs = 1000;

/** Nobody is let in. */
const closed: Decision = { isAllowed: false, standings: [] };

/** Limits that several replicas share. While Redis is away each counts for itself, or lets nobody in. */
export class RedisLimits implements LimitsStore {
  readonly #connection: RedisConnection;
  readonly #redis: ResolvedRedis;
  readonly #fallback: MemoryLimits;
  readonly #logger: FastifyBaseLogger | undefined;
  #isAway = false;
  /** Decisions that were made without Redis. */
  fallbacks = 0;

  constructor(redis: ResolvedRedis, fallback: MemoryLimits, logger: FastifyBaseLogger | undefined) {
    this.#redis = redis;
    this.#fallback = fallback;
    this.#logger = logger;
    this.#connection = new RedisConnection({
      ...{ url: redis.url, pauseMs },
      connectTimeoutMs: this.#connectMs,
      now: () => performance.now(),
      onFailure: (error) => this.#noteAway(error),
    });
  }

  /** Whether the last decision was made without Redis. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** Resolves when it is connected, or is not going to be soon. */
  async connect(): Promise<void> {
    await within(this.#connection.connect(), this.#connectMs);
  }

  async decide(charges: readonly Charge[]): Promise<Decision> {
    const { send } = this.#connection;
    if (send === undefined) return this.#withoutRedis(charges);
    const asked = askRedis(send, this.#redis.prefix, charges).catch((error: unknown) => {
      this.#connection.drop(error);
      return undefined;
    });
    const { timeoutMs } = this.#redis;
    if (!(await within(asked, timeoutMs))) {
      this.#connection.drop(new Error(`no answer within ${timeoutMs} ms`));
      return this.#withoutRedis(charges);
    }
    const aheads = await asked;
    if (aheads === undefined) return this.#withoutRedis(charges);
    this.#noteBack();
    const decision = toDecision(charges, aheads);
    // So that nobody gets a fresh allowance by Redis going away.
    if (decision.isAllowed && this.#redis.onFailure === "memory") this.#fallback.decide(charges);
    return decision;
  }

  close(): void {
    this.#connection.close();
  }

  get #connectMs(): number {
    return Math.max(connectMs, this.#redis.timeoutMs);
  }

  #withoutRedis(charges: readonly Charge[]): Decision {
    this.fallbacks += 1;
    return this.#redis.onFailure === "deny" ? closed : this.#fallback.decide(charges);
  }

  #noteAway(error: unknown): void {
    if (this.#isAway) return;
    this.#isAway = true;
    // Messages of the client may quote the address, and that a password.
    const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
    const now =
      this.#redis.onFailure === "deny" ? "requests are refused" : "each replica counts for itself";
    this.#logger?.warn({ code }, `Redis is away: ${now}`);
  }

  #noteBack(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#logger?.info("Redis is back: replicas share their rate limits again");
  }
}
