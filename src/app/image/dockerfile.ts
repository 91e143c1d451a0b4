import type { ImageLayer } from "../../client/image-calls.ts";
import { toContextFolder, toCopyTarget } from "../../client/image-context.ts";
import type { LoadedImage } from "../../client/image-sources.ts";
import { toNpmCommand } from "../../client/npm-command.ts";
import { quoteShellWord } from "../../shared/quote-shell-word.ts";

/** One step of a build; what is copied is named by its path in the context. */
export type BuildStep =
  | Exclude<ImageLayer, { kind: "copy" }>
  | { readonly kind: "copy"; readonly from: string; readonly to: string };

/** An image by the steps that make it. */
export interface BuildPlan {
  readonly baseImage: string;
  readonly user?: string | undefined;
  readonly steps: readonly BuildStep[];
}

/** The Dockerfile of an image whose parts have been checked. */
export function toDockerfile({ layers, ...image }: LoadedImage): string {
  const steps = layers.map((layer, index): BuildStep => {
    if (layer.kind !== "copy") return layer;
    return {
      kind: "copy",
      from: `${toContextFolder(index)}/`,
      to: toCopyTarget(layer).folder,
    };
  });
  return printDockerfile({ ...image, steps });
}

/**
 * A Dockerfile of parts that have been checked. One instruction in a line, commands and paths in
 * JSON, so that nothing in them is taken for a continued line, a heredoc or another instruction.
 */
export function printDockerfile({ baseImage, steps, user }: BuildPlan): string {
  const lines = [
    `FROM ${baseImage}`,
    // The base may run as somebody who cannot install anything.
    ...(user === undefined ? [] : ["USER root"]),
    ...steps.flatMap(toInstructions),
    ...(user === undefined ? [] : [`USER ${user}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function toInstructions(layer: BuildStep): readonly string[] {
  switch (layer.kind) {
    case "apt":
      return [runInstruction(toAptCommand(layer.packages))];
    case "pip":
      return [runInstruction(toPipCommand(layer))];
    case "npm":
      return [runInstruction(toNpmCommand(layer))];
    case "copy":
      return [`COPY ${JSON.stringify([layer.from, layer.to])}`];
    case "commands":
      return layer.commands.map(runInstruction);
    case "env":
      return Object.entries(layer.env).map(([name, value]) => `ENV ${name}=${quoteEnv(value)}`);
    case "workdir":
      return [`WORKDIR ${layer.path}`];
  }
}

function runInstruction(command: string): string {
  return `RUN ${JSON.stringify(["/bin/sh", "-c", command])}`;
}

function toAptCommand(packages: readonly string[]): string {
  const names = packages.map(quoteShellWord).join(" ");
  const install = "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends";
  return `apt-get update && ${install} ${names} && rm -rf /var/lib/apt/lists/*`;
}

/** Flyte's own images have uv, and Python's pip. */
function toPipCommand(layer: Extract<BuildStep, { kind: "pip" }>): string {
  const { packages, indexUrl, extraIndexUrls = [], pre = false, extraArgs = "" } = layer;
  const words = [
    ...(indexUrl === undefined ? [] : [`--index-url=${indexUrl}`]),
    ...extraIndexUrls.map((url) => `--extra-index-url=${url}`),
    ...(pre ? ["--pre"] : []),
    ...extraArgs.split(" ").filter((word) => word !== ""),
    ...packages,
  ];
  const install = `install --no-cache-dir ${words.map(quoteShellWord).join(" ")}`;
  return (
    `if command -v uv >/dev/null; then uv pip ${install.replace("--no-cache-dir", "--no-cache")}; ` +
    `else python3 -m pip ${install}; fi`
  );
}

/** `$NAME` and `${NAME}` are what the image has by that name; everything else stands for itself. */
function quoteEnv(value: string): string {
  const escaped = value.replace(/["\\]|\$(?![A-Za-z_]|\{[A-Za-z_]\w*\})/g, "\\$&");
  return `"${escaped}"`;
}
