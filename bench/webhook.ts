import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createControlPlane } from "../src/client/create-control-plane.ts";
import { createWebhook } from "../src/webhook/create-webhook.ts";

/** The webhook under test, in front of the stub. */
const [endpoint = ""] = process.argv.slice(2);
const controlPlane = createControlPlane({
  endpoint,
  project: "flytesnacks",
  domain: "development",
});
// Waits have to last longer than what is measured meanwhile.
const webhook = createWebhook({ controlPlane, name: "bench", waitLimitMs: 300_000 });
await webhook.listen({ host: "127.0.0.1", port: 0 });
process.send?.({ ready: webhook.server.address() });
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
process.on("message", (asked) => {
  if (asked === "heap") collect();
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ cpu: process.cpuUsage(), memoryBytes: rss, heapBytes: heapUsed });
});
process.on("disconnect", () => process.exit());
