import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { signalGroup, signalProcess } from "../../shared/signal-process.ts";
import { TOKEN_VARIABLE } from "./environment.ts";

const POLL_MS = 10;
const AFTER_KILL_MS = 10_000;
const STARTING_MS = 1000;

/**
 * Ends what is left of a process group whose leader is gone: SIGTERM, and SIGKILL when members
 * remain after the grace time. Returns at once when the group is empty.
 */
export async function endGroup(group: number, graceMs: number): Promise<void> {
  if (!signalGroup(group, "SIGTERM")) return;
  if (await isGone(group, graceMs)) return;
  signalGroup(group, "SIGKILL");
  await isGone(group, AFTER_KILL_MS);
}

async function isGone(group: number, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (performance.now() < until) {
    if (!isAlive(group)) return true;
    await delay(POLL_MS);
  }
  return !isAlive(group);
}

/** Zombies that nobody collects, as in a container without an init, count as gone. */
function isAlive(group: number): boolean {
  if (!signalGroup(group, 0)) return false;
  const pids = processIds();
  return pids.length === 0 || pids.some((pid) => isLiveMember(pid, group));
}

function isLiveMember(pid: number, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything; state, parent and group follow it.
    const [state, , member] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(member) === group && state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}

/**
 * Kills every process that carries one of the tokens in its environment, those that left their
 * process group included. The token is unguessable, so no other process can be meant.
 * Does nothing where there is no `/proc`.
 *
 * @returns how many processes were killed
 */
export function killByToken(tokens: ReadonlySet<string>): number {
  let killed = 0;
  for (const pid of processIds()) {
    const token = pid === process.pid ? undefined : tokenOf(pid);
    if (token !== undefined && tokens.has(token) && signalProcess(pid, "SIGKILL")) killed++;
  }
  return killed;
}

/** The processes of a group, and those that left it but carry the token. None where there is no `/proc`. */
export function membersOf(group: number, token: string): readonly number[] {
  return processIds().filter((pid) => isLiveMember(pid, group) || tokenOf(pid) === token);
}

/** Whether the process has a direct child that carries the token. */
export async function hasChildWithToken(pid: number, token: string): Promise<boolean> {
  const until = performance.now() + STARTING_MS;
  for (;;) {
    const children = childrenOf(pid).map(environmentOf);
    if (children.some((environment) => environment?.includes(`${TOKEN_VARIABLE}=${token}`))) {
      return true;
    }
    // A program that is just being started has no environment for a moment.
    if (!children.includes("") || performance.now() > until) return false;
    await delay(POLL_MS);
  }
}

function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return children.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid));
  } catch {
    return [];
  }
}

function tokenOf(pid: number): string | undefined {
  const entries = environmentOf(pid)?.split("\0") ?? [];
  const found = entries.find((entry) => entry.startsWith(`${TOKEN_VARIABLE}=`));
  return found?.slice(TOKEN_VARIABLE.length + 1);
}

function environmentOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // Gone meanwhile, or another user's.
    return undefined;
  }
}
