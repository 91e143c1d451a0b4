import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A program `docker` that notes how it is called. */
export interface FakeDocker {
  /** The folder it is in, for `PATH`. */
  readonly folder: string;
  /** What it was called with, a list of words for each call. */
  calls(): Promise<readonly (readonly string[])[]>;
  /** The Dockerfile and the files it was given, by their path in the context. */
  context(): Promise<Readonly<Record<string, string>>>;
}

/**
 * Puts a program `docker` into a folder of its own.
 *
 * @param build what `docker buildx build` does, as lines of JavaScript that end the process
 */
export async function fakeDocker(build = "process.exit(0);"): Promise<FakeDocker> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-docker-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [calls, context] = [join(folder, "calls"), join(folder, "context.json")];
  const script = `#!${process.execPath}
const fs = require("node:fs");
const args = process.argv.slice(2);
fs.appendFileSync(${JSON.stringify(calls)}, JSON.stringify(args) + "\\n");
if (args[1] === "build") {
  const folder = args.at(-1);
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const texts = files.filter((file) => file.isFile()).map((file) => {
    const path = require("node:path").join(file.parentPath ?? file.path, file.name);
    return [path.slice(folder.length + 1), fs.readFileSync(path, "utf8")];
  });
  fs.writeFileSync(${JSON.stringify(context)}, JSON.stringify(Object.fromEntries(texts)));
  ${build}
}
`;
  await writeFile(join(folder, "docker"), script, { mode: 0o755 });
  return {
    folder,
    calls: async () =>
      (await readFile(calls, "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as readonly string[]),
    context: async () =>
      JSON.parse(await readFile(context, "utf8")) as Readonly<Record<string, string>>,
  };
}
