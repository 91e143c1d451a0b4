import { FlyteWebhookAppEnvironment, Resources, serve } from "flyte-webhook";
import { isMain } from "./is-main.ts";

/** Tasks and runs, and nothing else: seven endpoints and their documentation. */
export const env = new FlyteWebhookAppEnvironment({
  name: "task-runner-webhook",
  endpointGroups: ["core", "task", "run"],
  resources: new Resources({ cpu: 1, memory: "512Mi" }),
});

if (isMain(import.meta.url)) console.log((await serve(env)).endpoint);
