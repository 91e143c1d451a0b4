import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createWorkFolders } from "./work-folders.ts";

function start() {
  const parent = join(mkdtempSync(join(tmpdir(), "flyte-work-")), "work");
  onTestFinished(() => rmSync(join(parent, ".."), { recursive: true, force: true }));
  return { parent, folders: createWorkFolders(parent) };
}

/** Uses `count` folders one after the other, and returns them. */
async function use(folders: ReturnType<typeof createWorkFolders>, count: number) {
  const used: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const path = folders.take();
    used.push(path);
    await folders.giveBack(path);
  }
  return used;
}

test("folders in use are empty and all different", () => {
  const { folders } = start();
  const taken = Array.from({ length: 50 }, () => folders.take());
  expect(new Set(taken).size).toBe(50);
  expect(taken.flatMap((path) => readdirSync(path))).toEqual([]);
});

test("folders are for their owner alone", () => {
  const { folders, parent } = start();
  for (const path of [folders.take(), parent]) expect(statSync(path).mode & 0o777).toBe(0o700);
});

test("a folder that stayed empty is used again, after many others", async () => {
  const { folders, parent } = start();
  const used = await use(folders, 200);
  for (const [index, path] of used.entries()) {
    expect(used.slice(index + 1, index + 30)).not.toContain(path);
  }
  expect(readdirSync(parent).length).toBeLessThan(50);
});

test("what an attempt leaves is gone, and so is the folder", async () => {
  const { folders, parent } = start();
  const path = folders.take();
  mkdirSync(join(path, "deep"));
  writeFileSync(join(path, "deep", "file"), "left");
  await folders.giveBack(path);
  expect(readdirSync(parent)).toEqual([]);
});

test.each<[string, (path: string) => void]>([
  ["written to", (path) => writeFileSync(join(path, "late"), "")],
  ["closed to others", (path) => chmodSync(path, 0o500)],
  ["removed", (path) => rmSync(path, { recursive: true })],
  [
    "replaced by a link",
    (path) => {
      rmSync(path, { recursive: true });
      symlinkSync(tmpdir(), path);
    },
  ],
  [
    "replaced by a file",
    (path) => {
      rmSync(path, { recursive: true });
      writeFileSync(path, "");
    },
  ],
])(
  "a folder that was %s is not used again, neither at once nor while it rests",
  async (_, change) => {
    const { folders } = start();
    const { mode } = statSync(folders.take());
    const early = folders.take();
    change(early);
    await folders.giveBack(early);
    const late = folders.take();
    await folders.giveBack(late);
    change(late);
    for (let round = 0; round < 100; round += 1) {
      const path = folders.take();
      expect([early, late]).not.toContain(path);
      expect([statSync(path).mode, readdirSync(path)]).toEqual([mode, []]);
      await folders.giveBack(path);
    }
    expect(existsSync(tmpdir())).toBe(true);
  },
);

test("what an earlier life left is removed, and closing removes what rests", async () => {
  const { folders, parent } = start();
  writeFileSync(join(folders.take(), "left"), "by a crash");
  const next = createWorkFolders(parent);
  expect(existsSync(parent)).toBe(false);
  await use(next, 3);
  next.close();
  expect(readdirSync(parent)).toEqual([]);
});
