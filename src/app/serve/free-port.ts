import { randomInt } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { FlyteError } from "../../shared/errors.ts";

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use. Give another port, or 0 for a free one",
  EACCES: "may not be opened by this user. Give a port above 1023",
  EADDRNOTAVAIL: "is not an address of this machine. Give another host",
  ENOTFOUND: "is not a known host. Give an address of this machine",
  EAI_AGAIN: "cannot be looked up. Give an address of this machine",
};

/** Ports that systems do not give away for 0 unless told to, from the first to the one after the last. */
const quietPorts = [20_000, 32_768] as const;
const mostTries = 20;

/**
 * Makes sure that an app can listen, before anything is started.
 *
 * @returns the port, or a free one for 0, which hardly anything else takes before the app does
 * @throws FlyteError `invalid_config` naming the port, the app and the remedy
 */
export async function freePort(app: string, host: string, port: number): Promise<number> {
  try {
    return port === 0 ? await findPort(host) : await tryPort(host, port);
  } catch (error) {
    throw portError(error, app, host, port);
  }
}

async function findPort(host: string): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    try {
      return await tryPort(host, randomInt(...quietPorts));
    } catch (error) {
      if (errnoOf(error) !== "EADDRINUSE") throw error;
    }
  }
  return tryPort(host, 0);
}

async function tryPort(host: string, port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
    return (server.address() as AddressInfo).port; // It listens on TCP.
  } finally {
    server.close();
  }
}

/** Turns what keeps a server from listening into a sentence; other errors are given back as they are. */
export function portError(error: unknown, app: string, host: string, port: number): unknown {
  const code = errnoOf(error) ?? errnoOf((error as Error | undefined)?.cause);
  const reason = code === undefined ? undefined : reasons[code];
  if (reason === undefined) return error;
  const message = `The app "${app}" cannot be served: port ${port} on ${host} ${reason}.`;
  return new FlyteError("invalid_config", message, { cause: error });
}

/** The code of a system call that opens a port or looks an address up, and of no other. */
function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { syscall, code } = error as NodeJS.ErrnoException;
  return syscall === "listen" || syscall === "getaddrinfo" ? code : undefined;
}
