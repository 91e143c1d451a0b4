import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { FlyteError } from "../../shared/errors.ts";

const remedy =
  'Install Docker with buildx, let the control plane build the image (builder "remote"), or build its Dockerfile elsewhere (flyte-webhook build --print-dockerfile).';

export interface BuildxOptions {
  readonly onOutput?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws FlyteError `precondition_failed` when there is no Docker, or none with buildx */
export async function assertBuildx(signal: AbortSignal | undefined): Promise<void> {
  const { code } = await runDocker(["buildx", "version"], { signal });
  if (code === 0) return;
  throw new FlyteError(
    "precondition_failed",
    `Docker on this machine has no buildx, which builds images. ${remedy}`,
  );
}

/**
 * Runs `docker buildx` until its end.
 *
 * @throws FlyteError `precondition_failed` when it fails, with the last that it wrote
 */
export async function runBuildx(args: readonly string[], options: BuildxOptions): Promise<void> {
  const { code, lines } = await runDocker(["buildx", ...args], options);
  if (code === 0) return;
  const said = lines.join("\n");
  if (/cannot connect to the docker daemon|is the docker daemon running|dial unix/i.test(said)) {
    throw new FlyteError(
      "precondition_failed",
      `Docker's daemon does not answer. Start it. Or: ${remedy}`,
    );
  }
  throw new FlyteError(
    "precondition_failed",
    `docker buildx ${args[0]} ended with code ${code}: ${said || "it wrote nothing"}`,
  );
}

interface Ended {
  readonly code: number | null;
  /** The last lines it wrote. */
  readonly lines: readonly string[];
}

/** How much of a failed build is quoted; `onOutput` gets all. */
const keptLines = 5;

async function runDocker(args: readonly string[], options: BuildxOptions): Promise<Ended> {
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
    let failure: Error | undefined;
    child.once("error", (error) => {
      failure = toError(error);
      // A program that never started does not end.
      if (child.pid === undefined) reject(failure);
    });
    child.once("close", (code) =>
      failure === undefined ? resolve({ code, lines }) : reject(failure),
    );
  });
}

function canceled(cause: unknown): FlyteError {
  return new FlyteError("canceled", "The build was canceled.", { cause });
}

function toError(cause: NodeJS.ErrnoException): Error {
  if (cause.name === "AbortError") return canceled(cause);
  return new FlyteError(
    "precondition_failed",
    `Docker cannot be started on this machine (${cause.code}). ${remedy}`,
    { cause },
  );
}
