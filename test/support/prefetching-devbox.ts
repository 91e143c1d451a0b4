import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { taskRuntimeCommand } from "../../src/cli/own-commands.ts";
import { deploySystemTasks } from "../../src/cli/system-tasks.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { type Caller, createCaller } from "./http.ts";
import { TestHub } from "./hub-server.ts";

/** A devbox that fetches models, and a webhook in front of it. */
export interface PrefetchingDevbox extends AsyncDisposable {
  readonly devbox: Devbox;
  readonly alice: Caller;
  readonly bob: Caller;
  /** Starts a prefetch and waits for its end. */
  prefetch(parameters: Readonly<Record<string, unknown>>): Promise<Fetched>;
  /** Starts one and tells its name. */
  start(parameters: Readonly<Record<string, unknown>>): Promise<string>;
  /** What the webhook tells of a run, when it has ended. */
  ended(run: string): Promise<Fetched>;
  /** All that a run has written. */
  logOf(run: string): Promise<string>;
  /** The folder with the models of flytesnacks/development. */
  modelsFolder(): Promise<string>;
}

export interface Fetched {
  readonly name: string;
  readonly phase: string;
  readonly error: string | undefined;
  /** What `…/io` answers. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON it is, the test looks into it
  readonly io: any;
}

const path = "/prefetch/hf-model";

export async function startPrefetchingDevbox(
  hubUrl: string,
  options: Partial<Omit<WebhookOptions, "controlPlane">> = {},
): Promise<PrefetchingDevbox> {
  const launchers = { "flyte-task": { argv: taskRuntimeCommand(), warm: true } };
  const devbox = await startDevbox({ state: "memory", port: 0, launchers });
  const env = { HF_ENDPOINT: hubUrl };
  await deploySystemTasks(devbox, { env, signal: new AbortController().signal });
  const scope = { project: "flytesnacks", domain: "development" };
  const controlPlane = createControlPlane({ endpoint: devbox.url, ...scope });
  const webhook = createWebhook({ name: "test-webhook", ...options, controlPlane });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  const [alice, bob] = ["alice", "bob"].map((user) => createCaller(url, devbox.keys[user] ?? ""));
  if (alice === undefined || bob === undefined) throw new Error("there are no callers");

  const start: PrefetchingDevbox["start"] = async (parameters) => {
    const { status, body } = await bob.post(path, parameters);
    expect(body).toMatchObject({ done: false });
    expect(status).toBe(200);
    return body.name;
  };
  const ended: PrefetchingDevbox["ended"] = async (run) => {
    await expect
      .poll(async () => (await bob.get(`${path}/${run}`)).body.done, { timeout: 280_000 })
      .toBe(true);
    const { body } = await bob.get(`${path}/${run}`);
    const io = await bob.get(`${path}/${run}/io`);
    return { name: run, phase: body.phase, error: body.error, io: io.body };
  };
  return {
    devbox,
    alice,
    bob,
    start,
    ended,
    prefetch: async (parameters) => ended(await start(parameters)),
    async logOf(run) {
      const auth = [["authorization", `Bearer ${devbox.keys["bob"]}`]] as const;
      const lines = [];
      for await (const { message } of controlPlane.runs.logs({ name: run }, { auth })) {
        lines.push(message);
      }
      return lines.join("\n");
    },
    // A refusal of another place names this one.
    async modelsFolder() {
      const { error = "" } = await ended(await start({ repo: "a/b", raw_data_path: "/elsewhere" }));
      const uri = /file:\/\/\S+\/models\/flytesnacks\/development/.exec(error)?.[0] ?? "";
      return fileURLToPath(uri);
    },
    async [Symbol.asyncDispose]() {
      await webhook.close();
      await controlPlane.close();
      await devbox.close();
    },
  };
}

/** A hub and a devbox that fetches from it, for all tests of a file. */
export interface Prefetching {
  readonly hub: TestHub;
  readonly box: PrefetchingDevbox;
}

/** Starts both before the tests of a file, has the hub behave again before each, and ends them at last. */
export function usePrefetching(): Prefetching {
  let started: Prefetching | undefined;
  const both = (): Prefetching => {
    if (started === undefined) throw new Error("The hub is there within tests only.");
    return started;
  };
  beforeAll(async () => {
    const hub = await TestHub.start();
    started = { hub, box: await startPrefetchingDevbox(hub.url) };
  });
  beforeEach(() => {
    both().hub.resetFaults();
    both().hub.seen.length = 0;
  });
  afterAll(async () => {
    await started?.box[Symbol.asyncDispose]();
    await started?.hub[Symbol.asyncDispose]();
  });
  return {
    get hub() {
      return both().hub;
    },
    get box() {
      return both().box;
    },
  };
}

/** Sha256 of each file below a folder that is given by its URI, by path. */
export async function readStored(uri: string): Promise<Readonly<Record<string, string>>> {
  const folder = fileURLToPath(uri);
  const stored: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    stored[relative(folder, file)] = hash.digest("hex");
  }
  return stored;
}
