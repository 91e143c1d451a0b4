import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ModelFile, manifestName } from "./model-file.ts";
import { isStored } from "./stored-model.ts";
import { openWorkFolder, type WorkFolder } from "./work-folder.ts";

const commit = "1".repeat(40);
const older = "2".repeat(40);
const file: ModelFile = { path: "sub/a", size: 3, algorithm: "sha256", digest: "a".repeat(64) };
const model = { repo: "org/model", commit, files: [file] };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-work-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function open(run: string): Promise<WorkFolder> {
  return openWorkFolder({ ...model, folder, run });
}

/** What a process leaves that was killed so many minutes ago. */
async function leave(name: string, minutes: number): Promise<void> {
  await mkdir(join(folder, name, "parts"), { recursive: true });
  await writeFile(join(folder, name, "parts", "x.part"), "x");
  const then = new Date(Date.now() - minutes * 60_000);
  await utimes(join(folder, name), then, then);
}

async function fill(work: WorkFolder, text = "abc"): Promise<void> {
  await writeFile(work.partOf(file), text);
  await work.keep(file);
}

test("another attempt of the run goes on in its folder", async () => {
  const first = await open("r1");
  await fill(first);
  const second = await open("r1");
  expect(await second.has(file)).toBe(true);
  expect(await readdir(folder)).toHaveLength(1);
});

test("a folder that somebody works in is left alone", async () => {
  const other = await open("r1");
  await writeFile(other.partOf(file), "ab");
  await leave(`.partial-${older}-r0`, 5);
  const work = await open("r2");
  expect(await work.sizeOfPart(file)).toBe(0);
  expect((await readdir(folder)).sort()).toEqual([
    `.partial-${commit}-r1`,
    `.partial-${commit}-r2`,
    `.partial-${older}-r0`,
  ]);
});

test("one that was given up, or deserted, is taken over by one run, and removed when of no use", async () => {
  const other = await open("r1");
  await writeFile(other.partOf(file), "ab");
  await other.release();
  await leave(`.partial-${commit}-r0`, 11);
  await leave(`.partial-${older}-r0`, 11);
  await leave(`.released-${older}-r0`, 0);
  const work = await open("r2");
  // Either was good; the other one is in nobody's way any more.
  expect(await readdir(folder)).toEqual([`.partial-${commit}-r2`]);
  // It counts as in use at once.
  await open("r3");
  expect((await readdir(folder)).length).toBe(2);
  await (await open("r3")).discard();
  await work.discard();
  expect(await readdir(folder)).toEqual([]);
});

test("of many runs at once one takes over what was given up", async () => {
  const other = await open("r0");
  await writeFile(other.partOf(file), "ab");
  await other.release();
  const works = await Promise.all(Array.from({ length: 8 }, (_, index) => open(`r${index + 1}`)));
  const sizes = await Promise.all(works.map((work) => work.sizeOfPart(file)));
  expect(sizes.filter((size) => size > 0).length).toBeLessThanOrEqual(1);
  expect(await readdir(folder)).toHaveLength(8);
});

test("a model that is published is whole, and replaced when that is wanted or it is damaged", async () => {
  const target = join(folder, commit);
  const read = () => readFile(join(target, file.path), "utf8");
  const publish = async (run: string, text: string, replace: boolean) => {
    const work = await open(run);
    await fill(work, text);
    await work.publish({ replace });
    expect(await isStored(target, model)).toBe(true);
    expect(await readdir(folder)).toEqual([commit]);
  };
  await publish("r1", "abc", false);
  expect((await readdir(target)).sort()).toEqual([manifestName, "sub"]);
  await publish("r2", "xyz", false);
  expect(await read()).toBe("abc");
  await publish("r3", "xyz", true);
  expect(await read()).toBe("xyz");
  await rm(join(target, file.path));
  await publish("r4", "new", false);
  expect(await read()).toBe("new");
});

test("a folder is no model without its manifest, of another one, or with a file too short", async () => {
  const target = join(folder, commit);
  const work = await open("r1");
  await fill(work);
  await work.publish({ replace: false });
  expect(await isStored(target, { ...model, repo: "org/other" })).toBe(false);
  expect(await isStored(target, { ...model, commit: older })).toBe(false);
  expect(await isStored(target, { ...model, files: [file, { ...file, path: "b" }] })).toBe(false);
  await writeFile(join(target, file.path), "ab");
  expect(await isStored(target, model)).toBe(false);
  await writeFile(join(target, file.path), "abc");
  for (const text of ["", "{", "[]", "null", '{"version":2}']) {
    await writeFile(join(target, manifestName), text);
    expect(await isStored(target, model)).toBe(false);
  }
  await rm(join(target, manifestName));
  expect(await isStored(dirname(target), model)).toBe(false);
});
