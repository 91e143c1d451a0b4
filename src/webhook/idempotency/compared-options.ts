import type { RunOptions } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";

/** Labels with this prefix are the webhook's own; that of the trace is another one in each request. */
const ownPrefix = "flyte-webhook/";

/** What a request says about its run, as far as a repetition has to say the same. */
export function comparedOptions(options: RunOptions): JsonObject {
  const { env, labels = {}, annotations, rawDataPrefix, interruptible, overwriteCache } = options;
  const { queue } = options;
  const given = Object.entries(labels).filter(([key]) => !key.startsWith(ownPrefix));
  return {
    labels: Object.fromEntries(given),
    annotations: { ...annotations },
    env: { ...env },
    rawDataPrefix: rawDataPrefix ?? null,
    interruptible: interruptible ?? null,
    overwriteCache: overwriteCache ?? null,
    queue: queue ?? null,
  };
}
