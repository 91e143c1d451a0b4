import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { membersOf } from "../executor/kill.ts";

/** The addresses of this machine at which a replica may be reached. */
export type LocalHost = "127.0.0.1" | "::1";

/** How the processes of a replica are known. */
export interface Owner {
  /** Number of their process group. */
  readonly group: number;
  /** What those carry that left the group. */
  readonly token: string;
}

const LISTEN = "0A";
const ANY_V4 = "00000000";
const LOOPBACK_V4 = "0100007F";
const ANY_V6 = "0".repeat(32);
const LOOPBACK_V6 = `${"0".repeat(24)}01000000`;
const MAPPED_V4 = "0000000000000000FFFF00000100007F";

/**
 * Where the processes of a group listen on a port, if they do; another's listener is not theirs.
 *
 * @param ifUnknown what to assume where the system does not tell whose a listener is
 */
export async function findListener(
  port: number,
  owner: Owner,
  ifUnknown: "own" | "foreign",
): Promise<LocalHost | undefined> {
  for (const host of ["127.0.0.1", "::1"] as const) {
    if (!(await accepts(host, port))) continue;
    if (isOwn(host, port, owner) ?? ifUnknown === "own") return host;
  }
  return undefined;
}

/** Whether a connection is accepted. */
function accepts(host: LocalHost, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });
}

/** Undefined where the system does not tell. */
function isOwn(host: LocalHost, port: number, { group, token }: Owner): boolean | undefined {
  const listeners = listenersAt(host, port);
  if (listeners === undefined) return undefined;
  const own = new Set(membersOf(group, token).flatMap(socketsOf));
  return listeners.length > 0 && listeners.every((inode) => own.has(inode));
}

/** Inodes of the sockets that a connection to the address reaches. */
function listenersAt(host: LocalHost, port: number): readonly string[] | undefined {
  const v4 = readListeners("/proc/net/tcp", port);
  const v6 = readListeners("/proc/net/tcp6", port);
  if (v4 === undefined) return undefined;
  const at = (list: readonly Listener[] | undefined, addresses: readonly string[]) =>
    (list ?? []).filter(({ address }) => addresses.includes(address)).map(({ inode }) => inode);
  if (host === "::1") return at(v6, [ANY_V6, LOOPBACK_V6]);
  const direct = at(v4, [ANY_V4, LOOPBACK_V4]);
  return direct.length > 0 ? direct : at(v6, [ANY_V6, MAPPED_V4]);
}

interface Listener {
  readonly address: string;
  readonly inode: string;
}

function readListeners(path: string, port: number): readonly Listener[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
  return parseListeners(text, port);
}

/** The sockets of a table such as `/proc/net/tcp` that listen on a port. */
export function parseListeners(table: string, port: number): readonly Listener[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const found: Listener[] = [];
  for (const line of table.split("\n").slice(1)) {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== LISTEN || inode === undefined || !local.endsWith(suffix)) continue;
    found.push({ address: local.slice(0, -suffix.length), inode });
  }
  return found;
}

function socketsOf(pid: number): string[] {
  const inodes: string[] = [];
  let files: readonly string[];
  try {
    files = readdirSync(`/proc/${pid}/fd`);
  } catch {
    // Gone meanwhile.
    return inodes;
  }
  for (const file of files) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${file}`))?.[1];
      if (inode !== undefined) inodes.push(inode);
    } catch {
      // Closed meanwhile.
    }
  }
  return inodes;
}

/** Whether nobody listens on a port of this machine. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "::1"] as const) if (await accepts(host, port)) return false;
  return true;
}

/** A port on which nobody listens, on any address. */
export async function findFreePort(): Promise<number> {
  try {
    return await bind("::");
  } catch {
    // There is no IPv6.
    return bind("127.0.0.1");
  }
}

function bind(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port: 0 }, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
