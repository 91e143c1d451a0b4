import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { TarEntry } from "../../app/runtime/read-tar.ts";
import { quoteShellWord } from "../../shared/quote-shell-word.ts";
import { packTar } from "../../shared/tar.ts";
import type { TaskContext } from "../../tasks/task-context.ts";

/** What is kept of a build that cannot be done here. */
export interface KeptBuild {
  /** Where its Dockerfile is. */
  readonly dockerfile: string;
  /** The command that builds it elsewhere. */
  readonly command: string;
}

/**
 * Keeps a build among the run's files: its Dockerfile to be read, and an archive of it and of all that it copies,
 * which Docker builds as it is.
 */
export async function keepBuild(
  target: string,
  dockerfile: string,
  entries: readonly TarEntry[],
  context: TaskContext,
): Promise<KeptBuild> {
  const files = entries.filter(({ kind }) => kind === "file");
  let name = "Dockerfile";
  while (files.some(({ path }) => path === name)) name += ".image";
  const archive = packTar([{ path: name, bytes: Buffer.from(dockerfile) }, ...files]);
  const text = await context.writeFile("Dockerfile", dockerfile);
  const packed = await context.writeFile("context.tar.gz", gzipSync(archive));
  const option = name === "Dockerfile" ? "" : ` --file ${name}`;
  return {
    dockerfile: text.uri,
    command: `docker build --tag ${target}${option} - < ${quoteShellWord(fileURLToPath(packed.uri))}`,
  };
}
