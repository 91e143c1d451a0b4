import { createHash } from "node:crypto";
import type { Charge } from "./limits-store.ts";

/** So that ticks since then are whole numbers in a double: 2025-01-01T00:00:00Z, in seconds. */
const epoch = 1_735_689_600;

/**
 * What `MemoryLimits` does, for all buckets of a request at once. The time is the server's own, so that no two
 * replicas differ in it. A bucket that is full is no key; a minute more keeps it past a clock that was set back.
 */
const script: string = `
local now = tonumber(ARGV[1])
if now == nil then
  local time = redis.call('TIME')
  now = ((tonumber(time[1]) - ${epoch}) * 1000000 + tonumber(time[2])) * 10
end
local aheads = {}
local allowed = true
for index, key in ipairs(KEYS) do
  local interval = tonumber(ARGV[2 * index])
  local tolerance = tonumber(ARGV[2 * index + 1])
  local ahead = math.max((tonumber(redis.call('GET', key) or now) or now) - now, 0)
  if ahead > tolerance then ahead = 0 end
  ahead = ahead + interval
  if ahead > tolerance then allowed = false end
  aheads[index] = ahead
end
if allowed then
  for index, key in ipairs(KEYS) do
    local keep = math.ceil(aheads[index] / 10000) + 60000
    redis.call('SET', key, string.format('%.0f', now + aheads[index]), 'PX', string.format('%.0f', keep))
  end
end
return aheads
`;

const hash: string = createHash("sha1").update(script).digest("hex"); // by which Redis names scripts

/** How a command is sent: a connected client's. */
export type SendCommand = (words: string[]) => Promise<unknown>;

/**
 * Asks Redis for all buckets of a request, in one round trip.
 *
 * @param now - ticks, in place of the time of Redis: for tests
 * @returns how far each is from full with this request, in ticks
 */
export async function askRedis(
  send: SendCommand,
  prefix: string,
  charges: readonly Charge[],
  now?: number,
): Promise<readonly number[]> {
  const rest = [
    String(charges.length),
    ...charges.map(({ policy, key }) => `${prefix}${policy.name}:${key}`),
    now === undefined ? "" : String(now),
    ...charges.flatMap(({ policy: { pace } }) => [String(pace.interval), String(pace.tolerance)]),
  ];
  const reply = await send(["EVALSHA", hash, ...rest]).catch((error: unknown) => {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return send(["EVAL", script, ...rest]);
  });
  if (
    Array.isArray(reply) &&
    reply.length === charges.length &&
    reply.every(Number.isSafeInteger)
  ) {
    return reply;
  }
  throw new Error("Redis answered something else than the script does");
}
