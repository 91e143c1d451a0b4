import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { buildWithDocker } from "../../app/image/buildx.ts";
import { printDockerfile } from "../../app/image/dockerfile.ts";
import { isImageReference } from "../../client/image-reference.ts";
import { defineTask, type Task } from "../../tasks/define-task.ts";
import { readFile } from "../../tasks/read-file.ts";
import { t } from "../../tasks/t.ts";
import type { TaskContext } from "../../tasks/task-context.ts";
import type { TaskType } from "../../tasks/task-type.ts";
import { BuildFailure } from "./build-failure.ts";
import { keepBuild } from "./keep-build.ts";
import { type RequestedImage, readImage } from "./read-image.ts";
import { readContext, writeContext } from "./unpack-context.ts";

/**
 * Builds an image with `docker buildx` on the devbox's machine, and pushes it where its name has a registry.
 * The inputs are those of Flyte's image builder: URIs of `spec.pb` and of `context.tar.gz`, or an empty text for
 * no files, and the image's name. Its output is the name that the image is found by.
 *
 * Without Docker the run fails. Its Dockerfile and context stay among the run's files, and the error says where.
 */
export const buildImage: Task<
  Record<"spec" | "context" | "target_image", TaskType<string>>,
  Record<"fqin", TaskType<string>>
> = defineTask(
  {
    name: "build-image",
    description: "Builds a container image with Docker.",
    inputs: { spec: t.string(), context: t.string(), target_image: t.string() },
    outputs: { fqin: t.string() },
  },
  async (inputs, context) => {
    const { target_image: target } = inputs;
    assertTarget(target);
    const image = readImage(await readUpload(inputs.spec, context));
    const entries =
      inputs.context === "" ? [] : readContext(await readUpload(inputs.context, context));
    const dockerfile = printDockerfile(image.plan);
    tell(image, dockerfile);
    const folder = await mkdtemp(resolve("build-"));
    try {
      const files = join(folder, "context");
      await mkdir(files);
      await writeContext(entries, image.plan, files);
      await writeFile(join(folder, "Dockerfile"), dockerfile);
      const { signal } = context;
      const args = toArguments(target, image, folder);
      const ended = await buildWithDocker(args, { signal, onOutput: writeLine });
      if (ended.kind === "built") return { fqin: target };
      if (ended.kind === "failed") throw new BuildFailure("ImageBuildFailed", ended.reason);
      const { command, dockerfile: place } = await keepBuild(target, dockerfile, entries, context);
      throw new BuildFailure(
        "BuilderNotAvailable",
        `The image was not built. ${ended.reason} ${ended.remedy} on the devbox's machine and build again, or build it elsewhere: ${command}. Its Dockerfile is at ${place}, and in the run's log.`,
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

function assertTarget(target: string): void {
  if (isImageReference(target) && /:[^/]+$/.test(target) && !target.includes("@")) return;
  throw new BuildFailure(
    "InvalidImage",
    "target_image is not the name of an image with a tag; write [HOST[:PORT]/]PATH:TAG.",
  );
}

/** Only what was uploaded: callers who may run nothing but this task must not make it fetch other things. */
async function readUpload(uri: string, { signal }: TaskContext): Promise<Uint8Array> {
  if (uri.startsWith("file://")) return readFile({ uri }, { signal });
  throw new BuildFailure(
    "InvalidImage",
    `${uri} is not in the devbox's store. Upload the file, and give the URI that is answered.`,
  );
}

/** A name without a registry stays with Docker, which could not push it. */
function toArguments(
  target: string,
  { platforms }: RequestedImage,
  folder: string,
): readonly string[] {
  return [
    `--tag=${target}`,
    ...(platforms.length === 0 ? [] : [`--platform=${platforms.join(",")}`]),
    `--file=${join(folder, "Dockerfile")}`,
    target.includes("/") ? "--push" : "--load",
    join(folder, "context"),
  ];
}

function tell({ plan, pythonVersion }: RequestedImage, dockerfile: string): void {
  for (const line of dockerfile.trimEnd().split("\n")) writeLine(line);
  if (pythonVersion === undefined) return;
  if (plan.baseImage.startsWith(`ghcr.io/flyteorg/flyte:py${pythonVersion}-`)) return;
  writeLine(`Python is that of ${plan.baseImage}; version ${pythonVersion} is not installed.`);
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
