import { spawn } from "node:child_process";
import { constants } from "node:os";
import { FlyteError } from "../../shared/errors.ts";
import { substituteVariables } from "../environment/variable-references.ts";

/** What a platform or a person ends a process with. */
const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

export interface CommandToRun {
  /** Name of the app. */
  readonly name: string;
  /** Program and arguments, with `$NAME` in them for variables. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs the command that an app is, in the folder at hand, with this process's standard streams. Signals
 * are passed on to it, and its end is that of the app.
 *
 * @returns its exit code, as a shell tells it
 * @throws FlyteError `invalid_config` for a program that cannot be started, and for a variable that
 * there is not
 */
export async function runCommand({ name, words, env }: CommandToRun): Promise<number> {
  const known = new Map(Object.entries(env).filter(hasValue));
  const [program = "", ...args] = words.map((word) => substituteVariables(word, known));
  const child = spawn(program, args, { env: { ...env }, stdio: "inherit" });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  try {
    return await new Promise((resolve, reject) => {
      child.once("exit", (code, signal) => {
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
      // A signal that comes too late is an error, too; the command has started then.
      child.once("error", (error: NodeJS.ErrnoException) => {
        if (child.pid === undefined) reject(notStarted(name, program, error));
      });
    });
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}

function hasValue(entry: [string, string | undefined]): entry is [string, string] {
  return entry[1] !== undefined;
}

function notStarted(app: string, program: string, { code }: NodeJS.ErrnoException): FlyteError {
  const reason = code === "ENOENT" ? "there is no such program" : `it ends with ${code}`;
  return new FlyteError(
    "invalid_config",
    `The command ${JSON.stringify(program)} of the app "${app}" cannot be started: ${reason}. Its image has to have it.`,
  );
}
