import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import type { AppEnvironment } from "../../src/app/environment/app-environment.ts";
import {
  FastifyAppEnvironment,
  type FastifyAppEnvironmentOptions,
} from "../../src/app/environment/fastify-app-environment.ts";
import type { AppHandle } from "../../src/app/serve/app-handle.ts";
import { serve } from "../../src/app/serve/serve.ts";
import type { ServeOptions } from "../../src/app/serve/serve-options.ts";

/** Serves an app on a free port for the length of a test. It may be slow to answer. */
export async function served(env: AppEnvironment, options: ServeOptions = {}): Promise<AppHandle> {
  const app = await serve(env, { mode: "local", port: 0, probeTimeoutMs: 60_000, ...options });
  onTestFinished(() => app[Symbol.asyncDispose]());
  return app;
}

/** A port that something else listens on, for the length of a test. */
export async function takenPort(): Promise<number> {
  const server: Server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port; // It listens on TCP.
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
}

/** Whether anything accepts connections there. */
export async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.body?.cancel().then(() => true) ?? true,
    () => false,
  );
}

/** Something that happens once, and can be waited for. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** An app that says its name and nothing else: no health path. */
export function named(name: string): FastifyInstance {
  const app = Fastify();
  app.get("/", async () => name);
  return app;
}

export function plainApp(
  name: string,
  options: Partial<FastifyAppEnvironmentOptions> = {},
): FastifyAppEnvironment {
  return new FastifyAppEnvironment({ name, app: () => named(name), ...options });
}

export async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** Whether a process runs, or a group given as a negative number. Zombies do not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = pid > 0 ? readFileSync(`/proc/${pid}/stat`, "latin1") : "";
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
