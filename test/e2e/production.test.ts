import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";
import { hasRedis, RedisServer } from "../support/redis-server.ts";

const cli = resolve(import.meta.dirname, "../../dist/cli.js");
const command = [process.execPath, cli];

/** Libraries that are loaded when an option asks for them are in the published command, too. */
test("the built command serves with everything that it has switched on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-production-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  const ports = ["--port", "0", "--devbox-port", "0", "--gateway-port", "0"];
  await using dev = await ServerProcess.start(["dev", "--state", "memory", ...ports], { command });
  const alice = dev.ready.keys["alice"] ?? "";
  const audit = join(folder, "audit.log");
  const redis = hasRedis ? await RedisServer.start() : undefined;
  await using webhook = await ServerProcess.start(
    [
      ...["serve", "--endpoint", dev.ready.controlPlane, "-p", "flytesnacks", "-d", "development"],
      ...["--port", "0", "--endpoint-group", "all", "wait", "live", "list", "ops"],
      ...["--task-allowlist", "stats.describe", "--tracing", "--audit-file", audit],
      ...["--rate-limit", "credential=100/min", "address=600/min"],
      ...["--callback-allow", "https://ci.example.com"],
      ...["--callback-file", join(folder, "callbacks.jsonl")],
    ],
    {
      command,
      env: {
        FLYTE_WEBHOOK_CALLBACK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
        FLYTE_WEBHOOK_CALLBACK_API_KEY: alice,
        ...(redis !== undefined && {
          FLYTE_WEBHOOK_REDIS_URL: `redis://127.0.0.1:${redis.port}`,
          FLYTE_WEBHOOK_REDIS_KEY: "a key that the replicas of this test share",
        }),
      },
    },
  );
  const caller = createCaller(webhook.ready.webhook, alice);
  const path = "/run-task/development/flytesnacks/stats.describe";
  const started = await caller.post(`${path}?wait=60&callback_url=https://ci.example.com/x`, {
    values: [1, 2],
  });
  expect(started).toMatchObject({ status: 200, body: { done: true, outputs: { mean: 1.5 } } });
  expect(started.headers.get("ratelimit-policy")).toContain('"credential";q=100;w=60');
  expect((await caller.get("/ready")).body).toEqual({ status: "ready" });
  expect((await caller.get("/metrics")).body).toContain(
    'flyte_webhook_requests_total{endpoint="run_task",method="POST",status="200"} 1',
  );
  const verified = await promisify(execFile)(process.execPath, [cli, "audit", "verify", audit]);
  expect(verified.stdout).toMatch(/^whole /m);
});
