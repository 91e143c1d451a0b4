import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleTasks } from "./bundle-tasks.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "bundle-tasks-"));
});
afterAll(() => rm(dir, { recursive: true }));

const HEAD = 'import { defineTask, t } from "flyte-webhook/tasks";\n';
const task = (name: string) => `defineTask({ name: "${name}" }, async () => ({}))`;

async function bundle(code: string, file = "tasks.ts") {
  await writeFile(join(dir, file), code);
  return bundleTasks(join(dir, file));
}

test("the exported tasks are listed, and equal code has an equal version", async () => {
  const code = `${HEAD}export const a = ${task("x.a")};\nconst b = ${task("x.b")};\nexport { b, b as again };`;
  const first = await bundle(code);
  expect(first.tasks.map(({ name }) => name).sort()).toEqual(["x.a", "x.b"]);
  expect(first.version).toMatch(/^ts-[0-9a-f]{32}$/);
  expect((await bundle(code)).version).toBe(first.version);
  const moved = await bundle(code, "elsewhere.ts");
  expect(moved.version).toBe(first.version);
  expect((await bundle(code.replace("x.b", "x.c"))).version).not.toBe(first.version);
});

test("imports of the file are part of the bundle, CommonJS ones too", async () => {
  await writeFile(join(dir, "legacy.cjs"), `exports.sep = require("node:path").sep;`);
  const code = `${HEAD}import { sep } from "./legacy.cjs";
    export const a = defineTask({ name: "x.a", description: sep }, async () => ({}));`;
  expect((await bundle(code)).tasks[0]?.description).toBe("/");
});

test.each([
  ["export const a = 1;", /tasks\.ts exports no task/],
  [`${HEAD}export const a = ${task("x")}, b = ${task("x")};`, /two tasks named "x", as a and b/],
  ["export const = 1;", /Cannot bundle tasks\.ts: tasks\.ts:1: /],
  ['import "./missing.ts";', /missing\.ts/],
  ['throw new Error("at import");', /Cannot load tasks\.ts: at import/],
  [`${HEAD}export const a = ${task("no good")};`, /Task "no good" is not defined well/],
])("%j is refused and the file is named", async (code, message) => {
  await expect(bundle(code)).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringMatching(message),
  });
});
