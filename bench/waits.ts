import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { bundleServers } from "./bundle.ts";
import { Child } from "./child.ts";
import { type PacedResult, runPacedLoad } from "./paced-load.ts";

/** What requests that wait cost the others, and what is left of them. */
export interface WaitsRow {
  /** Runs that the waiters wait for. */
  readonly runs: number;
  readonly waiters: number;
  readonly idle: PacedResult;
  readonly waiting: PacedResult;
  /** 99th percentile while they wait, as a multiple of that before. */
  readonly ofIdle: number;
  readonly cpuPercent: number;
  readonly heapBeforeMiB: number;
  readonly heapWaitingMiB: number;
  readonly heapAfterMiB: number;
}

export interface WaitsOptions {
  /** Where the bundled servers go. */
  readonly servers: URL;
  readonly waiters: number;
  readonly perSecond: number;
  /** Of the time without waiters. */
  readonly idleMs: number;
  /** Of that with them: longer than a watch lasts before it is begun anew. */
  readonly waitingMs: number;
}

const others = "/run/r0123456789abcdefghi";

/** Measures requests of others before, while, and after many wait: on a run each, and all on one. */
export async function measureWaits(options: WaitsOptions): Promise<readonly WaitsRow[]> {
  const { servers: folder, waiters } = options;
  await bundleServers(["stub", "webhook"], folder);
  const server = (name: string): URL => new URL(`${name}.mjs`, folder);
  await using stub = await Child.start(server("stub"), { role: "upstream" });
  const rows: WaitsRow[] = [];
  for (const runs of [waiters, 1]) {
    await using webhook = await Child.start(server("webhook"), {
      args: [stub.url],
      role: "measured",
    });
    rows.push(await measure(webhook, runs, options));
  }
  return rows;
}

async function measure(
  webhook: Child,
  runs: number,
  { waiters, perSecond, idleMs, waitingMs }: WaitsOptions,
): Promise<WaitsRow> {
  const { port } = webhook;
  const load = (durationMs: number): Promise<PacedResult> =>
    runPacedLoad({ port, path: others, perSecond, connections: 64, durationMs });
  const heapMiB = async (): Promise<number> =>
    ((await webhook.usage("heap")).heapBytes ?? Number.NaN) / 2 ** 20;
  // What is loaded and compiled once belongs to nobody.
  await Promise.all([load(idleMs), leaveAll(await waitAll(port, 100, runs))]);
  const idle = await load(idleMs);
  const heapBeforeMiB = await heapMiB();
  const sockets = await waitAll(port, waiters, runs);
  await load(1_000);
  const heapWaitingMiB = await heapMiB();
  const before = await webhook.usage();
  const waiting = await load(waitingMs);
  const after = await webhook.usage();
  await leaveAll(sockets);
  await load(1_000);
  const micros = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return {
    ...{ runs, waiters, idle, waiting },
    ofIdle: waiting.p99Ms / idle.p99Ms,
    cpuPercent: micros / waitingMs / 10,
    ...{ heapBeforeMiB, heapWaitingMiB, heapAfterMiB: await heapMiB() },
  };
}

/** Sends requests that wait for as long as they may. */
async function waitAll(port: number, count: number, runs: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, "127.0.0.1"));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  for (const [index, socket] of sockets.entries()) {
    // One caller may queue only so many requests at once.
    if (index % 50 === 49) await delay(100);
    const path = `/run/waited-${index % runs}?wait=300`;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      throw new Error(`A wait was answered: ${chunk}`);
    });
    socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer bench-key\r\n\r\n`);
  }
  return sockets;
}

async function leaveAll(sockets: readonly Socket[]): Promise<void> {
  const closed = sockets.map((socket) => once(socket, "close"));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}
