import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Instruction, parseDockerfile } from "./parse-dockerfile.ts";

/** The instructions of one stage, its `FROM` first. */
export type Stage = readonly Instruction[];

/** The stages of the Dockerfile of this package; the last one is the image. */
export function readStages(): readonly Stage[] {
  const text = readFileSync(resolve(import.meta.dirname, "../../Dockerfile"), "utf8");
  const stages: Instruction[][] = [];
  for (const instruction of parseDockerfile(text)) {
    if (instruction.keyword === "FROM") stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

/** What stands behind the instructions of this keyword. */
export function restsOf(stage: Stage, keyword: string): readonly string[] {
  return stage.filter((instruction) => instruction.keyword === keyword).map(({ rest }) => rest);
}

/** The list of words of `CMD`, `ENTRYPOINT` or `HEALTHCHECK`. */
export function wordsOf(stage: Stage, keyword: string): readonly string[] {
  const [rest = "[]"] = restsOf(stage, keyword);
  return JSON.parse(rest.slice(rest.indexOf("["))) as readonly string[];
}

/** The variables of all `ENV` together. */
export function variablesOf(stage: Stage): Readonly<Record<string, string>> {
  const pairs = restsOf(stage, "ENV").flatMap((rest) => rest.trim().split(/\s+/));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
}
