import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";

const starts = 50;

test("a kill -9 under concurrent starts loses no acknowledged run and finishes each once", async () => {
  const state = await mkdtemp(join(tmpdir(), "flyte-webhook-crash-"));
  const args = ["dev", "--state", state, "--port", "0", "--devbox-port", "0"];
  try {
    const acknowledged = await crashWhileStarting(args);
    expect(acknowledged.length).toBeGreaterThan(0);

    await using server = await ServerProcess.start(args);
    await using controlPlane = createControlPlane({
      endpoint: server.ready.controlPlane,
      project: "flytesnacks",
      domain: "development",
      authenticator: bearerAuthenticator(server.ready.keys["alice"] ?? ""),
    });
    const ended = await Promise.all(acknowledged.map((name) => controlPlane.runs.wait({ name })));
    expect(ended.map(({ phase }) => phase)).toEqual(acknowledged.map(() => "succeeded"));

    const names = (await controlPlane.runs.list({}, { limit: 200 })).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining([...acknowledged]));
    expect(names.length).toBeLessThanOrEqual(starts);
    const outputs = await Promise.all(acknowledged.map((name) => controlPlane.runs.io({ name })));
    expect(outputs.every((io) => io.outputs !== null)).toBe(true);
  } finally {
    await rm(state, { recursive: true, force: true, maxRetries: 10 });
  }
});

/** Starts runs from 50 callers at once, kills the server when half are acknowledged. */
async function crashWhileStarting(args: readonly string[]): Promise<readonly string[]> {
  await using server = await ServerProcess.start(args);
  const caller = createCaller(server.ready.webhook, server.ready.keys["alice"]);
  const acknowledged: string[] = [];
  const start = async (index: number): Promise<void> => {
    const { status, body } = await caller.post("/run-task/development/flytesnacks/stats.describe", {
      values: [index, index + 1],
    });
    if (status !== 200) return;
    acknowledged.push(body.name);
    if (acknowledged.length === starts / 2) server.process.kill("SIGKILL");
  };
  await Promise.allSettled(Array.from({ length: starts }, (_, index) => start(index)));
  await server.stop("SIGKILL");
  return acknowledged;
}
