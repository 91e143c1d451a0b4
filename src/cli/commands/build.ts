import { buildLocally, describeBuild, writeBuildFolder } from "../../app/image/build-locally.ts";
import { waitForBuild } from "../../app/image/wait-for-build.ts";
import type { RunStatus } from "../../client/control-plane.ts";
import type { ImageSpec } from "../../client/image-calls.ts";
import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { readImageSettings, withRegistry } from "../image-settings.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, note, Progress, print, printJson } from "../output.ts";
import { type ImageCommandOptions, readImage } from "../read-image.ts";
import { listenForStop } from "../serving.ts";

interface BuildOptions extends ConnectionOptions, ImageCommandOptions {
  readonly builder?: "local" | "remote";
  readonly push?: boolean;
  readonly force?: boolean;
  readonly printDockerfile?: boolean;
  readonly output?: string;
  readonly wait?: boolean;
}

/** `flyte-webhook build`: an image of a file or of options, built, or told as a Dockerfile. */
export async function build(
  file: string | undefined,
  name: string | undefined,
  options: BuildOptions,
): Promise<void> {
  const settings = await readImageSettings(options.config);
  const image = withRegistry(await readImage(file, name, options), settings);
  const { builder = settings.builder ?? "local" } = options;
  if (options.printDockerfile === true || options.output !== undefined) {
    await describe(image, options);
  } else if (builder === "local") await buildHere(image, options);
  else await buildThere(image, options);
}

async function describe(image: ImageSpec, options: BuildOptions): Promise<void> {
  const { name, dockerfile, files } = describeBuild(image);
  if (options.output !== undefined) {
    await writeBuildFolder(image, options.output);
    note(`Build it with: docker build --tag ${name} ${options.output}`);
  } else if (files > 0) {
    note(`It copies ${files} file${files === 1 ? "" : "s"}. Write them with --output FOLDER.`);
  }
  if (options.printDockerfile === true) process.stdout.write(dockerfile);
}

async function buildHere(image: ImageSpec, options: BuildOptions): Promise<void> {
  const stop = listenForStop();
  const controller = new AbortController();
  void stop.wait.then(() => controller.abort());
  const { push = false, force = false } = options;
  try {
    const { signal } = controller;
    const built = await buildLocally(image, { push, force, onOutput: note, signal });
    if (!push && image.registry !== undefined) {
      note("The image is with this machine's Docker only. Push it with --push.");
    }
    tell(built.name, built.uri, undefined, options);
  } catch (error) {
    if (!stop.requested) throw error;
    note("Stopped.");
    process.exitCode = exitCodes.interrupted;
  }
}

async function buildThere(image: ImageSpec, options: BuildOptions): Promise<void> {
  await using controlPlane = await connect(options);
  const { force = false } = options;
  const { name, uri, run } = await controlPlane.images.build(image, { force });
  if (run === undefined || options.wait !== true) {
    tell(name, uri, run, options);
    return;
  }
  if (options.json !== true) note(`run ${run.name}  ${run.url}`);
  using progress = new Progress();
  const built = await waitForBuild(controlPlane, run, {
    onStatus: ({ phase }) => progress.update(phase),
  });
  tell(name, built, run, options);
}

function tell(
  name: string,
  uri: string | undefined,
  run: RunStatus | undefined,
  { json }: BuildOptions,
): void {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ["image", name],
    ["run", run?.name],
    ["url", run?.url],
  ];
  if (json === true) {
    printJson({ name, uri: uri ?? null, run: run?.name ?? null, url: run?.url ?? null });
  } else print(uri ?? fields(pairs));
}
