import crypto, { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { env as apiKeyApp } from "../../examples/apps/api-key-app.ts";
import { runTask } from "../../examples/apps/call-webhook.ts";
import { env as gitHubApp } from "../../examples/apps/github-events.ts";
import { closeControlPlane, serve } from "../../src/index.ts";
import { createCaller } from "../support/http.ts";
import { runProgram } from "../support/run-command.ts";

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await closeControlPlane();
});

/** Lengths of what the running code compares in constant time, in order. */
function watchComparisons(): readonly (readonly number[])[] {
  const lengths: (readonly number[])[] = [];
  const compare = crypto.timingSafeEqual;
  vi.spyOn(crypto, "timingSafeEqual").mockImplementation((left, right) => {
    lengths.push([left.byteLength, right.byteLength]);
    return compare(left, right);
  });
  syncBuiltinESMExports();
  return lengths;
}

test("signatures and keys of any length are compared in constant time", async () => {
  vi.stubEnv("FLYTE_ENDPOINT", "http://127.0.0.1:1");
  vi.stubEnv("GITHUB_WEBHOOK_SECRET", "it is signed");
  vi.stubEnv("WEBHOOK_API_KEY", "shared-key");
  const lengths = watchComparisons();
  const [gitHub, apiKey] = await serve([gitHubApp, apiKeyApp], { port: 0 });
  if (gitHub === undefined || apiKey === undefined) throw new Error("two apps were asked for");
  onTestFinished(() => gitHub[Symbol.asyncDispose]());
  onTestFinished(() => apiKey[Symbol.asyncDispose]());

  const right = `sha256=${createHmac("sha256", "it is signed").update("{}").digest("hex")}`;
  const wrong = ["", "sha256=", right.slice(0, -1), `${right}0`, right.toUpperCase(), "é"];
  for (const [signature, status] of [
    ...wrong.map((value) => [value, 403] as const),
    [right, 200] as const,
  ]) {
    const headers = {
      "content-type": "application/json",
      "x-github-event": "ping",
      "x-hub-signature-256": signature,
    };
    const answer = await fetch(`${gitHub.endpoint}/github`, {
      method: "POST",
      headers,
      body: "{}",
    });
    expect(`${signature} ${answer.status}`).toBe(`${signature} ${status}`);
  }
  for (const key of ["", "s", "shared-kez", "shared-key2", "x".repeat(1000)]) {
    const caller = createCaller(apiKey.endpoint, key);
    expect((await caller.post("/run-task/p/d/n/v1", {})).status).toBe(403);
  }
  expect(lengths).toEqual(Array.from({ length: 12 }, () => [32, 32]));
});

test("the client without a key says which command makes one, and calls nobody", async () => {
  const { code, stdout, stderr } = await runProgram(
    [
      process.execPath,
      "--import",
      import.meta.resolve("tsx"),
      resolve(import.meta.dirname, "../../examples/apps/call-webhook.ts"),
    ],
    { env: { ...process.env, FLYTE_API_KEY: undefined, WEBHOOK_URL: "http://127.0.0.1:1" } },
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("flyte-webhook create api-key NAME");
});

test("the client runs a task, then asks for its state under the name it was told, each time as itself", async () => {
  const seen: string[] = [];
  const url = "https://console.example/run";
  const answers: readonly unknown[] = [
    { subject: "ada", name: "Ada" },
    { url, name: "r1" },
    { url, name: "r1", phase: "running", done: false },
    { url, name: "r1", phase: "succeeded", done: true },
    { name: "r1", inputs: {}, outputs: { o0: 1 } },
  ];
  const server = createServer((request, response) => {
    const { authorization, "user-agent": agent } = request.headers;
    const answer = answers[seen.length];
    seen.push(`${request.method} ${request.url} ${authorization} ${agent}`);
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const client = { url: `http://127.0.0.1:${port}`, key: "fwk_key" };
  expect(await runTask(client, "d/p/n", {})).toEqual({ o0: 1 });
  const own = "Bearer fwk_key my-dashboard/1.0";
  expect(seen).toEqual([
    `GET /me ${own}`,
    `POST /run-task/d/p/n ${own}`,
    `GET /run/r1 ${own}`,
    `GET /run/r1 ${own}`,
    `GET /run/r1/io ${own}`,
  ]);
});
