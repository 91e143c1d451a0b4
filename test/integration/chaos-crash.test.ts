import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { ChaosProxy } from "../support/chaos/chaos-proxy.ts";
import { GoodClient } from "../support/chaos/good-client.ts";
import { ServerProcess } from "../support/dev-process.ts";

const path = "/run-task/development/flytesnacks/stats.describe";
const scope = { project: "flytesnacks", domain: "development" };
const starts = 60;
/** After how many acknowledged starts the control plane is killed. */
const killsAt = [15, 35];

test("a control plane that is killed again and again under starts with keys has each run once", {
  timeout: 180_000,
}, async () => {
  const state = await mkdtemp(join(tmpdir(), "flyte-webhook-chaos-"));
  const args = ["dev", "--state", state, "--port", "0", "--devbox-port", "0"];
  let server = await ServerProcess.start(args);
  try {
    const key = server.ready.keys["alice"] ?? "";
    await using proxy = await ChaosProxy.to(server.ready.controlPlane);
    // The webhook goes on all the time, and knows nothing of the address that changes.
    await using controlPlane = createControlPlane({
      ...{ endpoint: proxy.url, ...scope, timeoutMs: 5_000, retries: 1 },
    });
    const webhook = createWebhook({ name: "crash", controlPlane });
    const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
    const client = new GoodClient([key]);
    const acknowledged = new Map<number, string>();
    let again: Promise<void> = Promise.resolve();
    const kill = async (): Promise<void> => {
      await server.stop("SIGKILL");
      server = await ServerProcess.start(args);
      proxy.target = server.ready.controlPlane;
    };
    const killAt = new Set(killsAt);
    const start = async (n: number): Promise<void> => {
      const request = {
        path,
        headers: { authorization: `Bearer ${key}`, "idempotency-key": `crash-${n}` },
        body: JSON.stringify({ values: [n, n + 1] }),
      };
      while (!acknowledged.has(n)) {
        const answer = await client.once(url, request);
        if (answer.status === 200) acknowledged.set(n, answer.body.name);
        else expect([409, 502, 503, 504]).toContain(answer.status);
        if (killAt.delete(acknowledged.size)) again = kill();
        // Whoever was refused comes back when there is somebody to ask.
        if (answer.status !== 200) await again;
      }
    };
    const all = Array.from({ length: starts }, (_, n) => n);
    const callers = Array.from({ length: 10 }, async () => {
      for (let n = all.shift(); n !== undefined; n = all.shift()) await start(n);
    });
    await Promise.all(callers);
    await again;
    expect(killAt.size).toBe(0);
    expect(client.faults).toEqual([]);
    await webhook.close();

    await using truth = createControlPlane({
      endpoint: server.ready.controlPlane,
      ...scope,
      authenticator: bearerAuthenticator(key),
    });
    const runs = await truth.runs.list({}, { limit: 1_000 });
    expect(runs.map(({ name }) => name).sort()).toEqual([...acknowledged.values()].sort());
    for (const [n, name] of acknowledged) {
      expect((await truth.runs.wait({ name })).phase).toBe("succeeded");
      const { inputs, outputs } = await truth.runs.io({ name });
      expect(inputs).toEqual({ values: [n, n + 1] });
      expect(outputs).not.toBeNull();
    }
  } finally {
    await server[Symbol.asyncDispose]();
    await rm(state, { recursive: true, force: true, maxRetries: 10 });
  }
});
