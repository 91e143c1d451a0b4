import { rename, rm, writeFile } from "node:fs/promises";
import { FlyteError } from "../shared/errors.ts";
import { note } from "./output.ts";

/** What `--ready-file` holds, for programs that start the servers and wait for them. */
export interface Ready {
  readonly webhook: string | null;
  readonly controlPlane: string;
  readonly console: string;
  /** The address of the app gateway; null where none runs. */
  readonly gateway: string | null;
  /** API key by the name of the user. */
  readonly keys: Readonly<Record<string, string>>;
}

/** What it holds for an app of a file. */
export interface ReadyApp {
  readonly app: string;
  readonly endpoint: string;
  readonly url: string;
}

/**
 * Writes the ready file in one step, readable by its owner only because it holds keys. It stays
 * when the servers end: a start that waits for it removes it first.
 *
 * @throws FlyteError `invalid_config` when it cannot be written
 */
export async function writeReadyFile(file: string, ready: Ready | ReadyApp): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify(ready, null, 2)}\n`, { mode: 0o600 });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new FlyteError(
      "invalid_config",
      `The ready file ${file} cannot be written (${reason}). Name a file in a folder that exists with --ready-file.`,
      { cause: error },
    );
  }
}

/** How the addresses of apps look behind a gateway. */
export function appAddress(gatewayUrl: string): string {
  return gatewayUrl.replace("//", "//NAME-PROJECT-DOMAIN.");
}

/** What asks a server to end. */
export interface Stop {
  /** Whether it was asked to, so that a start-up can end half-way. */
  readonly requested: boolean;
  /** Resolves when it is asked to. */
  readonly wait: Promise<void>;
}

/** Signals this close together are one: npm passes on the Ctrl-C that the terminal has sent too. */
const sameSignalMs = 500;

/**
 * Listens for SIGINT, SIGTERM and the closing of the terminal (SIGHUP). A second SIGINT or SIGTERM
 * ends the program at once.
 */
export function listenForStop(): Stop {
  let requestedAt: number | undefined;
  const wait = new Promise<void>((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      if (requestedAt !== undefined) {
        if (signal === "SIGHUP" || performance.now() - requestedAt < sameSignalMs) return;
        note("Stopped without waiting.");
        process.exit(signal === "SIGINT" ? 130 : 143);
      }
      requestedAt = performance.now();
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    process.on("SIGHUP", stop);
  });
  return {
    get requested() {
      return requestedAt !== undefined;
    },
    wait,
  };
}

/** Turns a failed `listen` into the line a person needs. */
export function listenError(error: unknown, host: string, port: number, option: string): unknown {
  const code = errnoOf(error) ?? errnoOf((error as Error | undefined)?.cause);
  const remedies: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is in use. Choose another with ${option} PORT, or ${option} 0 for a free one.`,
    EACCES: `Port ${port} on ${host} may not be opened by this user. Choose one above 1023 with ${option} PORT.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Choose one with --host ADDRESS.`,
    ENOTFOUND: `${host} is not a known host. Choose an address of this machine with --host ADDRESS.`,
    EAI_AGAIN: `${host} cannot be looked up. Choose an address of this machine with --host ADDRESS.`,
  };
  const message = code === undefined ? undefined : remedies[code];
  return message === undefined
    ? error
    : new FlyteError("invalid_config", message, { cause: error });
}

/** The port that could not be had. */
export function portOf(error: unknown): number | undefined {
  const found = [error, (error as Error | undefined)?.cause].find(
    (one) => errnoOf(one) !== undefined,
  );
  return (found as { readonly port?: number } | undefined)?.port;
}

/** The code of a system call that opens a port or looks an address up, and of no other. */
function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { syscall, code } = error as NodeJS.ErrnoException;
  return syscall === "listen" || syscall === "getaddrinfo" ? code : undefined;
}
