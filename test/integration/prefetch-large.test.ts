import { readdirSync, readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seededContent, textContent } from "../support/hub-content.ts";
import { usePrefetching } from "../support/prefetching-devbox.ts";

/** `MODEL_BYTES=3000000000` for a model as they come; the usual size spares disk and time. */
const modelBytes = Number(process.env["MODEL_BYTES"] ?? 200_000_000);
/** Most that a task's process may take beside what it takes for a small model. */
const allowedGrowth = 120 * 1024 * 1024;
const shards = 6;

const here = usePrefetching();

function addModel(repo: string, bytes: number): string {
  const size = Math.floor(bytes / shards);
  return here.hub.add({
    repo,
    files: [
      { path: "config.json", content: textContent("{}") },
      ...Array.from({ length: shards }, (_, index) => ({
        path: `model-${index + 1}.safetensors`,
        content: seededContent(size, bytes + index),
        isLarge: true,
      })),
    ],
  });
}

/** Peak of the resident memory of the processes that run tasks, in bytes. */
function peakOfTasks(): number {
  const peaks = readdirSync("/proc").flatMap((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const isOurs = new RegExp(`^PPid:\\s+${process.pid}$`, "m").test(status);
      if (!isOurs || !readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--worker")) return [];
      return [Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024];
    } catch {
      // No process, or one that has ended.
      return [];
    }
  });
  return Math.max(...peaks);
}

test.skipIf(process.platform !== "linux")(
  "a large model takes no more memory than a small one, connections cut or not",
  async () => {
    addModel("org/small", 600_000);
    expect((await here.box.prefetch({ repo: "org/small" })).phase).toBe("succeeded");
    const before = peakOfTasks();
    expect(before).toBeGreaterThan(0);
    addModel("org/large", modelBytes);
    here.hub.faults.cutWithin = modelBytes / 10;
    const { phase, error, io } = await here.box.prefetch({ repo: "org/large" });
    expect([phase, error]).toEqual(["succeeded", undefined]);
    const after = peakOfTasks();
    if (process.env["MODEL_BYTES"] !== undefined) {
      process.stderr.write(`Peak of the task's process: ${before} before, ${after} after.\n`);
    }
    expect(after - before).toBeLessThan(allowedGrowth);
    const { size_bytes: size, files } = io.outputs.o1;
    expect([size, files]).toEqual([2 + shards * Math.floor(modelBytes / shards), shards + 1]);
    // Its own hashes were right, or it would not be there.
    const folder = new URL(io.outputs.o0.path);
    expect(await readdir(folder)).toHaveLength(shards + 2);
  },
);

test("an abort ends the task by itself, and leaves nothing that looks whole", async () => {
  const commit = addModel("org/aborted", 60_000_000);
  // Bodies that come and stop: the run waits for more of them.
  here.hub.faults.stallAfter = 3_000_000;
  here.hub.sent = 0;
  const run = await here.box.start({ repo: "org/aborted" });
  await expect.poll(() => here.hub.sent).toBeGreaterThan(9_000_000);
  const { status } = await here.box.bob.post(`/prefetch/hf-model/${run}/abort`);
  const asked = performance.now();
  expect(status).toBe(200);
  expect((await here.box.ended(run)).phase).toBe("aborted");
  const models = join(await here.box.modelsFolder(), "org--aborted");
  // What a process does that is not killed: it says that its folder is free.
  await expect.poll(() => readdir(models)).toEqual([`.released-${commit}-${run}`]);
  if (process.env["MODEL_BYTES"] !== undefined) {
    process.stderr.write(`Stopped after ${Math.round(performance.now() - asked)} ms at most.\n`);
  }
  const left = await readdir(join(models, `.released-${commit}-${run}`), { recursive: true });
  expect(left.filter((name) => name.endsWith(".safetensors"))).toEqual([]);
  expect(left.filter((name) => name.endsWith(".part")).length).toBeGreaterThan(0);

  // The next run goes on where that one was.
  here.hub.resetFaults();
  here.hub.takeFiles();
  const { phase, io } = await here.box.prefetch({ repo: "org/aborted" });
  expect(phase).toBe("succeeded");
  const ranges = here.hub
    .takeFiles()
    .flatMap(({ host, range }) => (host === "store" ? [range] : []));
  expect(ranges.filter((range) => range !== undefined).length).toBeGreaterThan(2);
  const stored = new URL(`${io.outputs.o0.path}/model-1.safetensors`);
  expect((await stat(stored)).size).toBe(10_000_000);
  expect(await readdir(models)).toEqual([commit]);
});
