import { createClient } from "@redis/client";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { ticksPerSecond, toPace } from "../../src/webhook/rate-limits/gcra.ts";
import { type Policy, toDecision } from "../../src/webhook/rate-limits/limits-store.ts";
import { MemoryLimits } from "../../src/webhook/rate-limits/memory-limits.ts";
import { parseRate } from "../../src/webhook/rate-limits/rate.ts";
import { askRedis } from "../../src/webhook/rate-limits/redis-script.ts";
import { createCaller } from "../support/http.ts";
import { createLog } from "../support/log.ts";
import { hasRedis, RedisServer } from "../support/redis-server.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

const keySecret = "what all replicas of these tests know";

async function startReplica(
  redis: RedisServer,
  {
    perCredential = "6/hour",
    perAddress = "1000/hour",
    onFailure = "memory",
    timeoutMs = 60_000,
    url = `redis://127.0.0.1:${redis.port}`,
  }: {
    readonly perCredential?: string;
    readonly perAddress?: string;
    readonly onFailure?: "memory" | "deny";
    readonly timeoutMs?: number;
    readonly url?: string;
  } = {},
): Promise<TestWebhook & { readonly lines: readonly string[] }> {
  const { logger, lines } = createLog();
  const webhook = await startTestWebhook({
    logger,
    rateLimits: { perCredential, perAddress, redis: { url, keySecret, onFailure, timeoutMs } },
  });
  onTestFinished(() => webhook[Symbol.asyncDispose]());
  return Object.assign(webhook, { lines });
}

const statuses = async (
  count: number,
  ask: (request: number) => Promise<{ readonly status: number }>,
) => {
  const all = [];
  for (let request = 0; request < count; request++) all.push((await ask(request)).status);
  return all;
};
const times = (count: number, status: number) => Array.from({ length: count }, () => status);
const about = (lines: readonly string[], what: string) =>
  lines.filter((line) => line.includes(`Redis is ${what}`));

/** Asks until an answer was made with Redis again; each try takes it for a moment to connect. */
async function untilBack(webhook: { readonly url: string; readonly lines: readonly string[] }) {
  const before = about(webhook.lines, "back").length;
  for (let caller = 0; about(webhook.lines, "back").length === before; caller++) {
    await createCaller(webhook.url, `patient-${caller}`).get("/me");
  }
}

describe.skipIf(!hasRedis)("with a real Redis", () => {
  test("two webhooks share one limit, and Redis learns no credential and no address", async () => {
    const redis = await RedisServer.start();
    const [one, two] = await Promise.all([startReplica(redis), startReplica(redis)]);
    const callers = [one, two].map(({ url }) => createCaller(url, "planted-secret"));
    const asked = await statuses(10, (request) => callers[request % 2]?.get("/me") as never);
    expect(asked).toEqual([...times(6, 200), ...times(4, 429)]);
    expect(await statuses(1, () => createCaller(two.url, "another").get("/me"))).toEqual([200]);
    const last = await callers[0]?.get("/me");
    expect(last?.headers.get("ratelimit")).toMatch(/^"credential";r=0;t=\d{1,3}$/);
    const contents = await redis.contents();
    expect(contents).toMatch(/flyte-webhook:credential:[\w-]{22}=\d+ /);
    expect(contents).not.toMatch(/planted|secret|127\.0\.0\.1|another/);
    expect([...one.lines, ...two.lines].filter((line) => line.includes("Redis"))).toEqual([]);
  });

  test("Redis dies and comes back: nobody gets an answer for it, nor a fresh allowance", async () => {
    const redis = await RedisServer.start();
    const webhook = await startReplica(redis);
    const caller = createCaller(webhook.url, "a");
    expect(await statuses(6, () => caller.get("/me"))).toEqual(times(6, 200));
    await redis.kill();
    expect(await statuses(3, () => caller.get("/me"))).toEqual(times(3, 429));
    expect(await statuses(7, () => createCaller(webhook.url, "b").get("/me"))).toEqual([
      ...times(6, 200),
      429,
    ]);
    expect(about(webhook.lines, "away")).toHaveLength(1);
    expect(about(webhook.lines, "away")[0]).toContain("each replica counts for itself");
    await redis.restart();
    await untilBack(webhook);
    const [other] = await Promise.all([startReplica(redis)]);
    expect(await statuses(6, () => createCaller(other.url, "c").get("/me"))).toEqual(times(6, 200));
    expect(await statuses(1, () => createCaller(webhook.url, "c").get("/me"))).toEqual([429]);
    expect(about(webhook.lines, "away")).toHaveLength(1);
  });

  test("a Redis that hangs holds no request up for longer than a moment", async () => {
    const redis = await RedisServer.start();
    // All these requests wait so long at most, and not one after the other.
    const webhook = await startReplica(redis, { timeoutMs: 1000 });
    const caller = createCaller(webhook.url, "a");
    expect((await caller.get("/me")).status).toBe(200);
    redis.hang();
    const answers = await Promise.all(times(20, 0).map(() => caller.get("/me")));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(about(webhook.lines, "away")).toHaveLength(1);
    redis.goOn();
    await untilBack(webhook);
  });

  test("where nobody may be let in without it, nobody is", async () => {
    const redis = await RedisServer.start();
    const webhook = await startReplica(redis, { onFailure: "deny" });
    const caller = createCaller(webhook.url, "a");
    expect((await caller.get("/me")).status).toBe(200);
    await redis.kill();
    const { status, headers, body } = await caller.get("/me");
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("1");
    expect(body.code).toBe("overloaded");
    expect((await createCaller(webhook.url).get("/health")).status).toBe(200);
    expect(webhook.stub.takeMethods()).toEqual(["userInfo"]);
    await redis.restart();
    await untilBack(webhook);
    expect((await caller.get("/me")).status).toBe(200);
  });

  test("a webhook starts without Redis, and its log has no password", async () => {
    const redis = await RedisServer.start(["--requirepass", "planted-password"]);
    const url = `redis://:wrong-planted-password@127.0.0.1:${redis.port}`;
    const webhook = await startReplica(redis, { url });
    expect((await createCaller(webhook.url, "a").get("/me")).status).toBe(200);
    expect(about(webhook.lines, "away")).toHaveLength(1);
    expect(webhook.lines.join("\n")).not.toContain("planted");
    const right = await startReplica(redis, {
      url: `redis://:planted-password@127.0.0.1:${redis.port}/3`,
    });
    expect((await createCaller(right.url, "a").get("/me")).status).toBe(200);
    expect(about(right.lines, "away")).toEqual([]);
  });

  test("the script decides as the limits in memory do", async () => {
    const redis = await RedisServer.start();
    const client = createClient({ url: `redis://127.0.0.1:${redis.port}`, RESP: 2 });
    await client.connect();
    onTestFinished(() => client.destroy());
    const send = (words: string[]) => client.sendCommand(words);
    const policyOf = (text: string, name: string): Policy => {
      const rate = parseRate(text, "test");
      return { name, rate, pace: toPace(rate), isShared: false };
    };
    const rate = fc.constantFrom("3/s", "7/min", "20/10s,burst=3", "99999/s,burst=2", "2/day");
    const request = fc.record({
      afterTicks: fc.oneof(fc.nat(1000), fc.nat(20 * ticksPerSecond)),
      keys: fc.tuple(fc.nat(2), fc.nat(1)),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(rate, rate, fc.array(request, { maxLength: 40 }), async (a, b, requests) => {
        run += 1;
        let now = 600_000_000_000_000; // ticks, as of 2026
        const policies = [policyOf(a, "one"), policyOf(b, "two")] as const;
        const memory = new MemoryLimits();
        for (const { afterTicks, keys } of requests) {
          now += afterTicks;
          const charges = policies.map((policy, index) => ({ policy, key: `${keys[index]}` }));
          const aheads = await askRedis(send, `run-${run}:`, charges, now);
          expect(toDecision(charges, aheads)).toEqual(memory.decideAt(now, charges));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("many requests at once take no more than there is", async () => {
    const redis = await RedisServer.start();
    const replicas = await Promise.all(
      [0, 1].map(() => startReplica(redis, { perCredential: "30/day" })),
    );
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, request) =>
        createCaller(replicas[request % 2]?.url ?? "", "a").get("/me"),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(30);
  });
});
