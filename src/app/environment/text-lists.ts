import { invalidConfig, show } from "./invalid-config.ts";
import { splitShellWords } from "./shell-words.ts";

/** @throws FlyteError `invalid_config` for what is no command */
export function toWords(what: string, given: unknown): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const words = typeof given === "string" ? splitShellWords(given) : toTexts(what, given);
  if (what === "command" && (words[0] ?? "") === "") {
    throw invalidConfig("command must name a program; leave it out for the image's own.");
  }
  return words;
}

function toTexts(what: string, given: unknown): readonly string[] {
  if (Array.isArray(given) && given.every(isPlainText)) return [...given];
  throw invalidConfig(`${what} must be a list of texts without NUL, not ${show(given)}.`);
}

function isPlainText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}

/**
 * Paths and patterns of files beside the one that declares an app.
 *
 * @throws FlyteError `invalid_config` for a path that leads out of its folder
 */
export function toInclude(given: unknown): readonly string[] {
  const paths = toTexts("include", given ?? []);
  for (const path of paths) {
    const isInside = !/^(?:[\\/~]|[A-Za-z]:)/.test(path) && !path.split(/[\\/]/).includes("..");
    if (isInside && path.trim() !== "" && !path.includes("\\")) continue;
    throw invalidConfig(
      `${show(path)} in include must be a path below the folder of the file that declares the app, like "assets/logo.svg" or "templates/**".`,
    );
  }
  return paths;
}
