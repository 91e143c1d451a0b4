import { createControlPlane } from "../src/client/create-control-plane.ts";
import { createWebhook } from "../src/webhook/create-webhook.ts";

/** The webhook under test, in front of the stub. */
const [endpoint = ""] = process.argv.slice(2);
const controlPlane = createControlPlane({
  endpoint,
  project: "flytesnacks",
  domain: "development",
});
const webhook = createWebhook({ controlPlane, name: "bench" });
await webhook.listen({ host: "127.0.0.1", port: 0 });
process.send?.({ ready: webhook.server.address() });
process.on("message", () =>
  process.send?.({ cpu: process.cpuUsage(), memoryBytes: process.memoryUsage.rss() }),
);
process.on("disconnect", () => process.exit());
