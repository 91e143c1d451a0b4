import { FlyteWebhookAppEnvironment, Resources, Scaling, serve } from "flyte-webhook";
import { isMain } from "./is-main.ts";

/** Every endpoint, for whoever has a credential of the control plane. */
export const env = new FlyteWebhookAppEnvironment({
  name: "flyte-webhook",
  title: "My Flyte webhook",
  description: "Runs tasks, reads runs and switches apps and triggers over HTTP",
  resources: new Resources({ cpu: 1, memory: "512Mi" }),
  scaling: new Scaling({ replicas: 1 }),
  requiresAuth: true,
});

if (isMain(import.meta.url)) {
  const app = await serve(env);
  console.log(`The webhook is at ${app.endpoint}, its documentation at ${app.endpoint}/docs`);
}
