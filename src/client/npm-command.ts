import { quoteShellWord } from "../shared/quote-shell-word.ts";
import type { ImageLayer } from "./image-calls.ts";

/** The shell command that installs npm packages. */
export function toNpmCommand(layer: Extract<ImageLayer, { kind: "npm" }>): string {
  const { packages, registry, global = false, ignoreScripts = false } = layer;
  return [
    "npm install --no-audit --no-fund --no-update-notifier",
    ...(global ? ["--global"] : []),
    ...(ignoreScripts ? ["--ignore-scripts"] : []),
    ...(registry === undefined ? [] : [`--registry=${quoteShellWord(registry)}`]),
    ...packages.map(quoteShellWord),
    // What was fetched would be a part of the image.
    "&& npm cache clean --force",
  ].join(" ");
}
