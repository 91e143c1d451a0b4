import type { AppSpec } from "../src/client/app-spec.ts";
import { bearerAuthenticator } from "../src/client/auth/bearer.ts";
import { createControlPlane } from "../src/client/create-control-plane.ts";
import type { JsonObject } from "../src/shared/json.ts";
import type { ReadyFile } from "../test/support/dev-process.ts";

const scope = { project: "flytesnacks", domain: "development" };

/** Runs that are worth seeing, by their names: they are what their task and inputs make of them. */
const runs: Readonly<Record<string, readonly [task: string, inputs: JsonObject]>> = {
  succeeded: ["stats.describe", { values: [3, 1, 4, 1, 5, 9, 2, 6] }],
  table: ["orders.nightly", {}],
  typed: [
    "types.echo",
    {
      whole: 42,
      big: 9_007_199_254_740_991,
      number: 0.5,
      text: "Grüße, 世界",
      flag: true,
      moment: "2026-01-02T03:04:05Z",
      pause: "PT1M30S",
      anything: { nested: [{ path: "deep", items: [1, 2, { three: null }] }] },
      place: { x: 1, y: 2.5, label: "here" },
      list: [1, 2, 3, 5, 8, 13],
      table: { a: [1.5, 2.5], b: [] },
      color: "green",
      maybe: null,
      either: "one or the other",
      file: "s3://bucket/orders/2026-01-02.csv",
      folder: "s3://bucket/orders/",
      dataset: "s3://bucket/dataset",
    },
  ],
  retried: ["failing.flaky", { failures: 2 }],
  failed: ["failing.always", { reason: "the model file of 2026-01-02 is missing" }],
  waiting: ["approval.release", { version: "v2.4.0" }],
  running: ["slow.count", { to: 3_600, pause: 1_000 }],
  aborted: ["slow.count", { to: 3_600, pause: 1_000 }],
  "long-log": ["slow.count", { to: 5_000, pause: 0 }],
};

const program = `
const http = require("node:http");
console.log("listening on port " + process.env.PORT);
http.createServer((request, response) => {
  console.log(request.method + " " + request.url);
  response.end("hello\\n");
}).listen(process.env.PORT, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));`;

const apps: readonly AppSpec[] = [
  app("scoring", {
    description: "Scores orders by the newest model",
    replicas: [1, 3],
    metric: { concurrency: 20 },
    requestTimeoutMs: 90_000,
    links: [
      { path: "/docs", title: "API documentation", isRelative: true },
      { path: "https://flyte.org", title: "Runbook", isRelative: false },
    ],
    labels: { team: "ml" },
    inputs: [
      { name: "threshold", value: "0.7" },
      { name: "upstream", app: "asleep" },
    ],
    secrets: [{ key: "model-key", asEnvVar: "MODEL_KEY" }],
  }),
  app("asleep", { replicas: [0, 2], scaledownAfterMs: 60_000 }),
  app("broken", {}, `console.error("Error: cannot find the model"); process.exit(1)`),
];

function app(name: string, given: Partial<AppSpec> = {}, script = program): AppSpec {
  return {
    name,
    container: {
      image: "ghcr.io/example/scoring:1.4.2",
      command: ["node", "-e", script],
      args: ["--", "--model", "orders-2026-01", "--api-key", "not-for-your-eyes"],
      env: { MODEL: "orders-2026-01", LOG_LEVEL: "info" },
      port: 8080,
      requests: { cpu: "1", memory: "512Mi" },
      limits: {},
    },
    replicas: [1, 1],
    requiresAuth: false,
    secrets: [],
    links: [],
    clusterPool: "default",
    labels: {},
    inputs: [],
    ...given,
  };
}

/** Makes what there is to see: runs of several phases, apps, and a trigger that is on. */
export async function makeScreenshotState({
  webhook,
  controlPlane,
  keys,
}: ReadyFile): Promise<void> {
  const key = keys["alice"] ?? "";
  const ask = async (path: string, body: JsonObject = {}): Promise<void> => {
    const response = await fetch(`${webhook}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
  const flyte = createControlPlane({
    endpoint: controlPlane,
    ...scope,
    authenticator: bearerAuthenticator(key),
  });
  await flyte.secrets.create({ name: "model-key", value: "not for your eyes either" });
  for (const spec of apps) await flyte.apps.deploy(spec);
  await ask("/trigger/schedule.digest/nightly/activate");
  await ask("/trigger/schedule.digest/nightly/fire");
  for (const [name, [task, inputs]] of Object.entries(runs)) {
    await ask(`/run-task/development/flytesnacks/${task}?run_name=${name}`, inputs);
  }
  await ask("/run/aborted/abort", { reason: "Started by mistake" });
  const ended = Object.keys(runs).filter((name) => name !== "waiting" && name !== "running");
  for (const name of ended) await flyte.runs.wait({ name });
  await flyte.close();
}
