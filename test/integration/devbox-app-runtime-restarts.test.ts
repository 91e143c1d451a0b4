import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { AppChange } from "../../src/devbox/apps/app-runtime.ts";
import { insertApp } from "../../src/devbox/store/apps.ts";
import { openDatabase } from "../../src/devbox/store/database.ts";
import { migrate } from "../../src/devbox/store/migrations.ts";
import { printCondition, toAppRow } from "../support/app-rows.ts";
import {
  ask,
  askText,
  isRunning,
  jsonApp,
  lastMessage,
  makeFolder,
  script,
  startRuntime,
} from "../support/app-runtime.ts";
import { openStore } from "../support/engine.ts";

test("a replica that is killed is replaced; its requests hear of it, the next one waits", async () => {
  const { runtime, deploy, reach, acquire } = await startRuntime();
  const row = deploy({ command: jsonApp });
  await reach(row, "ACTIVE running");
  const first = await acquire(row);
  const { pid } = await ask(first);
  const lost = once(first.ended, "abort");
  const changes: AppChange[] = [];
  runtime.onChange((change) => changes.push(change));
  process.kill(pid, "SIGKILL");
  await lost;
  expect(runtime.state(row.id)?.currentReplicas).toBe(0);
  expect(first.ended.reason).toMatchObject({ code: "unavailable" });
  const next = await acquire(row);
  expect((await ask(next)).pid).not.toBe(pid);
  expect(changes.map(({ state }) => printCondition(state))).toContain("ACTIVE scaling_from_zero");
  expect(changes.map(({ state }) => lastMessage(state)).join()).toContain("ended by SIGKILL");
  await reach(row, "ACTIVE running");
  expect(isRunning(pid)).toBe(false);
});

test("a close ends processes that ignore SIGTERM, and those that left their group", async () => {
  const { runtime, deploy, reach, acquire } = await startRuntime({ limits: { killGraceMs: 300 } });
  const row = deploy({
    command: script(`
      process.on("SIGTERM", () => {});
      const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
        detached: true, stdio: "ignore",
      });
      require("http").createServer((request, response) => {
        response.end(JSON.stringify([process.pid, child.pid]));
      }).listen(process.env.PORT);
    `),
  });
  await reach(row, "ACTIVE running");
  const pids = JSON.parse(await askText(await acquire(row))) as number[];
  expect(pids.map(isRunning)).toEqual([true, true]);
  await runtime.close();
  await expect.poll(() => pids.map(isRunning)).toEqual([false, false]);
});

test("a process that is left behind by a crash of an app is ended with it", async () => {
  const { deploy, reach, acquire } = await startRuntime();
  const row = deploy({
    command: script(`
      const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
        detached: true, stdio: "ignore",
      });
      require("http").createServer((request, response) => {
        if (request.url === "/exit") process.exit(1);
        response.end(String(child.pid));
      }).listen(process.env.PORT);
    `),
  });
  await reach(row, "ACTIVE running");
  const lease = await acquire(row);
  const child = Number(await askText(lease));
  await askText(lease, "/exit").catch(() => undefined);
  await expect.poll(() => isRunning(child)).toBe(false);
});

test("a devbox that is killed leaves no process once it runs again, and apps are as they are wanted", async () => {
  const folder = await makeFolder();
  const location = join(folder, "devbox.db");
  const stateDir = join(folder, "apps");
  await using store = openDatabase(location);
  migrate(store);
  const kept = toAppRow({ name: "kept", command: jsonApp, replicas: [1, 1] }, 1);
  const asleep = toAppRow({ name: "asleep", command: jsonApp }, 1);
  const stopped = toAppRow({ name: "stopped", command: jsonApp, stopped: true }, 1);
  const rows = store.writeNow(() => [kept, asleep, stopped].map((row) => insertApp(store, row)));
  const [keptRow, asleepRow, stoppedRow] = rows;
  if (!keptRow || !asleepRow || !stoppedRow) throw new Error("three rows were stored");

  await store.close();
  const program = join(import.meta.dirname, "../support/app-runtime-process.ts");
  const argv = ["--import", import.meta.resolve("tsx"), program, location, stateDir];
  const devbox = spawn(process.execPath, argv, { stdio: "inherit" });
  onTestFinished(() => void devbox.kill("SIGKILL"));
  // Both were proven once the digests of both are kept.
  await expect
    .poll(() => readdir(join(stateDir, "proven")).catch(() => []), { timeout: 60_000 })
    .toEqual([String(keptRow.id), String(asleepRow.id)]);
  const left = await processesOf(stateDir);
  expect(left).toHaveLength(2);
  const exited = once(devbox, "exit");
  devbox.kill("SIGKILL");
  await exited;
  expect(left.map(isRunning)).toEqual([true, true]);

  const { runtime, reach, acquire } = await startRuntime({
    database: openStore(location),
    stateDir,
  });
  await expect.poll(() => left.map(isRunning)).toEqual([false, false]);
  expect(printCondition(runtime.state(asleepRow.id))).toBe("ACTIVE scaled_to_zero");
  expect(printCondition(runtime.state(stoppedRow.id))).toBe("STOPPED unspecified");
  await reach(keptRow, "ACTIVE running");
  expect((await ask(await acquire(keptRow))).pid).not.toBe(left[0]);
  // Logs of an earlier life can be read.
  expect(runtime.logs.replicas(keptRow.id)).toHaveLength(2);
  expect((await ask(await acquire(asleepRow))).pid).toBeGreaterThan(0);
});

/** Processes whose working folder is below a folder. */
async function processesOf(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const workFolder = await readlink(`/proc/${name}/cwd`).catch(() => "");
    if (workFolder.startsWith(folder)) found.push(Number(name));
  }
  return found;
}

test("no request is lost while revisions are replaced under load", async () => {
  const { deploy, reach, acquire, runtime } = await startRuntime();
  const row = deploy({ command: jsonApp, env: { VERSION: "1" } });
  await reach(row, "ACTIVE running");
  let isOver = false;
  const versions = new Set<string | undefined>();
  let answered = 0;
  const callers = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      const lease = await acquire(row);
      try {
        versions.add((await ask(lease)).env["VERSION"]);
        answered++;
      } finally {
        lease.release();
      }
    }
  });
  for (let version = 2; version <= 5; version++) {
    deploy({ command: jsonApp, env: { VERSION: String(version) } });
    await expect
      .poll(() => {
        const state = runtime.state(row.id);
        return state?.replicas.map(({ revision, phase }) => `${revision} ${phase}`).join();
      })
      .toBe(`${version} ready`);
  }
  const before = answered;
  await expect.poll(() => answered).toBeGreaterThan(before);
  isOver = true;
  await Promise.all(callers);
  expect([...versions].sort()).toEqual(["1", "2", "3", "4", "5"]);
});

test("an app that is removed goes with its logs and its processes", async () => {
  const { runtime, deploy, reach, stateDir } = await startRuntime();
  const row = deploy({ command: jsonApp, replicas: [2, 2] });
  await reach(row, "ACTIVE running");
  const kinds: string[] = [];
  runtime.onChange(({ kind, state }) => kinds.push(`${kind} ${state === undefined}`));
  await runtime.remove(row.id);
  expect(kinds).toEqual(["deleted true"]);
  expect(await processesOf(stateDir)).toEqual([]);
  expect(await readdir(join(stateDir, "logs"))).toEqual([]);
  expect(await readdir(join(stateDir, "proven"))).toEqual([]);
  await expect(runtime.acquire(row.id, new AbortController().signal)).rejects.toMatchObject({
    code: "not_found",
  });
});
