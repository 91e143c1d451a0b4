import { FlyteWebhookAppEnvironment, Resources, serve } from "flyte-webhook";
import { isMain } from "./is-main.ts";

/** Starts tasks and tells how they go. Everything else answers 404. */
export const env = new FlyteWebhookAppEnvironment({
  name: "minimal-webhook",
  endpoints: ["health", "run_task", "get_run"],
  resources: new Resources({ cpu: 1, memory: "512Mi" }),
});

if (isMain(import.meta.url)) console.log((await serve(env)).endpoint);
