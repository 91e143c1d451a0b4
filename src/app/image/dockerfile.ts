import { toContextFolder, toCopyTarget } from "../../client/image-context.ts";
import type { LoadedImage, LoadedLayer } from "../../client/image-sources.ts";
import { toNpmCommand } from "../../client/npm-command.ts";
import { quoteShellWord } from "../../shared/quote-shell-word.ts";

/**
 * The Dockerfile of an image whose parts have been checked. One instruction in a line, commands and paths in
 * JSON, so that nothing in them is taken for a continued line, a heredoc or another instruction.
 */
export function toDockerfile({ baseImage, layers, user }: LoadedImage): string {
  const lines = [
    `FROM ${baseImage}`,
    // The base may run as somebody who cannot install anything.
    ...(user === undefined ? [] : ["USER root"]),
    ...layers.flatMap(toInstructions),
    ...(user === undefined ? [] : [`USER ${user}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function toInstructions(layer: LoadedLayer, index: number): readonly string[] {
  switch (layer.kind) {
    case "apt":
      return [runInstruction(toAptCommand(layer.packages))];
    case "pip":
      return [runInstruction(toPipCommand(layer))];
    case "npm":
      return [runInstruction(toNpmCommand(layer))];
    case "copy":
      return [`COPY ${JSON.stringify([`${toContextFolder(index)}/`, toCopyTarget(layer).folder])}`];
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
function toPipCommand(layer: Extract<LoadedLayer, { kind: "pip" }>): string {
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
