import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { FlyteError } from "../../shared/errors.ts";

export interface BuildxOptions {
  readonly onOutput?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a build ended: with the image, without because this machine cannot build any, or by its own failure. */
export type BuildxEnd =
  | { readonly kind: "built" }
  | { readonly kind: "unable"; readonly reason: string; readonly remedy: string }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Runs `docker buildx build` until its end.
 *
 * @throws FlyteError `canceled` by the signal
 */
export async function buildWithDocker(
  args: readonly string[],
  options: BuildxOptions,
): Promise<BuildxEnd> {
  const version = await runDocker(["buildx", "version"], { signal: options.signal });
  if (typeof version === "string") return unable(version);
  if (version.code !== 0)
    return unable("Docker on this machine has no buildx, which builds images.");
  const ended = await runDocker(["buildx", "build", "--progress=plain", ...args], options);
  if (typeof ended === "string") return unable(ended);
  if (ended.code === 0) return { kind: "built" };
  const said = ended.lines.join("\n");
  if (noDaemon.test(said)) return unable("Docker's daemon does not answer.", "Start it");
  const reason = `docker buildx build ended with code ${ended.code}: ${said || "it wrote nothing"}`;
  return { kind: "failed", reason };
}

function unable(reason: string, remedy = "Install Docker with buildx"): BuildxEnd {
  return { kind: "unable", reason, remedy };
}

const noDaemon =
  /cannot connect to the docker daemon|is the docker daemon running|failed to connect to the docker api|error during connect|dial unix/i;

interface Ended {
  readonly code: number | null;
  /** The last lines it wrote. */
  readonly lines: readonly string[];
}

/** How much of a failed build is quoted; `onOutput` gets all. */
const keptLines = 5;

/** Resolves with a text that says why, when there is no Docker that could be run. */
async function runDocker(args: readonly string[], options: BuildxOptions): Promise<Ended | string> {
  const { onOutput, signal } = options;
  if (signal?.aborted === true) throw canceled(signal.reason);
  const child = spawn("docker", [...args], { stdio: ["ignore", "pipe", "pipe"], signal });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => {
      if (line.trim() !== "") lines.push(line);
      if (lines.length > keptLines) lines.shift();
      onOutput?.(line);
    });
  }
  return new Promise((resolve, reject) => {
    let failure: NodeJS.ErrnoException | undefined;
    const settle = (error: NodeJS.ErrnoException): void => {
      if (error.name === "AbortError") reject(canceled(error));
      else resolve(`Docker cannot be started on this machine (${error.code}).`);
    };
    child.once("error", (error) => {
      failure = error;
      // A program that never started does not end.
      if (child.pid === undefined) settle(error);
    });
    child.once("close", (code) =>
      failure === undefined ? resolve({ code, lines }) : settle(failure),
    );
  });
}

function canceled(cause: unknown): FlyteError {
  return new FlyteError("canceled", "The build was canceled.", { cause });
}
