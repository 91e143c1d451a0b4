import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ImageSpec } from "../../client/image-calls.ts";
import { toContextFiles, toContextFolder } from "../../client/image-context.ts";
import { checkImage } from "../../client/image-faults.ts";
import { type LoadedImage, loadImage } from "../../client/image-sources.ts";
import { isBaseImage, toImageName } from "../../client/image-tag.ts";
import { FlyteError } from "../../shared/errors.ts";
import { type BuildxEnd, buildWithDocker } from "./buildx.ts";
import { toDockerfile } from "./dockerfile.ts";

/** How Docker builds an image. */
export interface LocalBuildOptions {
  /** Builds every layer anew. @default false */
  readonly force?: boolean | undefined;
  /** Pushes the image to its registry; without it the image stays with this machine's Docker. @default false */
  readonly push?: boolean | undefined;
  /** Gets each line that Docker writes about its progress. */
  readonly onOutput?: ((line: string) => void) | undefined;
  /** Ends the build. */
  readonly signal?: AbortSignal | undefined;
}

/** An image that Docker has built, or that needed no build. */
export interface LocalBuild {
  readonly name: string;
  readonly uri: string;
}

/**
 * Builds an image with `docker buildx` on this machine.
 *
 * @throws FlyteError `invalid_input` for parts that cannot be part of an image, `precondition_failed` without
 * Docker, buildx or Docker's daemon, and when the build fails, `canceled` by the signal
 */
export async function buildLocally(
  spec: ImageSpec,
  options: LocalBuildOptions = {},
): Promise<LocalBuild> {
  const image = loadChecked(spec);
  const name = toImageName(image);
  if (isBaseImage(image)) return { name, uri: name };
  const { push = false, force = false } = options;
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-image-"));
  try {
    await writeContext(image, folder);
    const ended = await buildWithDocker(
      [
        `--tag=${name}`,
        ...(image.platforms === undefined ? [] : [`--platform=${image.platforms.join(",")}`]),
        ...(force ? ["--no-cache"] : []),
        push ? "--push" : "--load",
        folder,
      ],
      options,
    );
    if (ended.kind !== "built") throw notBuilt(ended);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { name, uri: name };
}

function notBuilt(ended: Exclude<BuildxEnd, { kind: "built" }>): FlyteError {
  const message =
    ended.kind === "failed"
      ? ended.reason
      : `${ended.reason} ${ended.remedy}, let the control plane build the image (builder "remote"), or build its Dockerfile elsewhere (flyte-webhook build --print-dockerfile).`;
  return new FlyteError("precondition_failed", message);
}

/** What an image's Dockerfile says, and how many files it copies. */
export function describeBuild(spec: ImageSpec): {
  readonly name: string;
  readonly dockerfile: string;
  readonly files: number;
} {
  const image = loadChecked(spec);
  const files = toContextFiles(image).length;
  return { name: toImageName(image), dockerfile: toDockerfile(image), files };
}

/** Writes the Dockerfile and all that it copies into a folder, which `docker build` takes as it is. */
export async function writeBuildFolder(spec: ImageSpec, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeContext(loadChecked(spec), folder);
}

function loadChecked(spec: ImageSpec): LoadedImage {
  checkImage(spec);
  return loadImage(spec);
}

async function writeContext(image: LoadedImage, folder: string): Promise<void> {
  await writeFile(join(folder, "Dockerfile"), toDockerfile(image));
  for (const [index, layer] of image.layers.entries()) {
    // Docker refuses to copy a folder that is not there; one without files is.
    if (layer.kind === "copy")
      await mkdir(join(folder, toContextFolder(index)), { recursive: true });
  }
  for (const { path, bytes, executable = false } of toContextFiles(image)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes, { mode: executable ? 0o755 : 0o644 });
  }
}
