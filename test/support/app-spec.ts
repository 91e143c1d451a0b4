import type { AppSpec } from "../../src/client/app-spec.ts";

/** An app with nothing but what every app has. */
export const plainApp: AppSpec = {
  name: "site",
  container: {
    image: "img",
    command: ["node", "app.js"],
    args: [],
    env: {},
    port: 8080,
    requests: {},
    limits: {},
  },
  replicas: [0, 1],
  requiresAuth: true,
  secrets: [],
  links: [],
  clusterPool: "default",
  labels: {},
  inputs: [],
};
