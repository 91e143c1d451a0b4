import { FlyteWebhookAppEnvironment, serve } from "flyte-webhook";
import { isMain } from "./is-main.ts";

/** Tasks: one in one domain, one in any domain, one wherever it is. Their runs, and no others, can be read. */
export const tasks = new FlyteWebhookAppEnvironment({
  name: "task-webhook",
  endpointGroups: ["core", "task", "run"],
  taskAllowlist: [
    "development/flytesnacks/stats.describe",
    "flytesnacks/orders.nightly",
    "slow.count",
  ],
});

/** Apps, by their names. */
export const apps = new FlyteWebhookAppEnvironment({
  name: "app-webhook",
  endpointGroups: ["core", "app"],
  appAllowlist: ["dashboard", "model-server"],
});

/** Triggers: one of one task, and one name of any task. */
export const triggers = new FlyteWebhookAppEnvironment({
  name: "trigger-webhook",
  endpointGroups: ["core", "trigger"],
  triggerAllowlist: ["orders.nightly/every-night", "hourly"],
});

/** What images may be built of: two repositories in all their tags, three packages. */
export const images = new FlyteWebhookAppEnvironment({
  name: "image-webhook",
  endpointGroups: ["core", "build"],
  buildAllowlist: ["base:python", "base:ghcr.io/flyteorg/*", "pip:pandas", "pip:httpx", "apt:git"],
});

/** The first three at once. */
export const env = new FlyteWebhookAppEnvironment({
  name: "restricted-webhook",
  endpointGroups: ["core", "task", "run", "app", "trigger"],
  taskAllowlist: ["flytesnacks/stats.describe"],
  appAllowlist: ["dashboard"],
  triggerAllowlist: ["orders.nightly/every-night"],
});

if (isMain(import.meta.url)) console.log((await serve(env)).endpoint);
