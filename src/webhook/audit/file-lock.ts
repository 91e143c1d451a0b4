import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { FlyteError } from "../../shared/errors.ts";

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as its system counts; tells it from a later one of the same number. */
  readonly began: string | null;
}

/** Locks of this process, which has one number for all it holds. */
const held = new Set<string>();

/**
 * Takes a lock: a file that names this process. One that a process left behind when it was killed is taken over, also
 * where containers give each process the same number. Processes of other machines are not seen.
 *
 * @returns gives it back
 * @throws FlyteError `invalid_config` when another process of this machine holds it
 */
export function takeLock(file: string): () => void {
  const self: Holder = { pid: process.pid, host: hostname(), began: whenBegan(process.pid) };
  const own = `${file}.${process.pid}`;
  for (let attempt = 0; attempt < 10 && !held.has(file); attempt += 1) {
    writeFileSync(own, JSON.stringify(self), { mode: 0o600 });
    try {
      linkSync(own, file);
      held.add(file);
      return () => {
        held.delete(file);
        rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(own, { force: true });
    }
    const text = readText(file);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder !== undefined && isAlive(holder, self)) break;
    moveAway(file, text, own);
  }
  throw new FlyteError(
    "invalid_config",
    `Another process writes the audit log already (${file} names it). Give each process a file of its own.`,
  );
}

/** Only the very lock that was judged: another process may have taken it over meanwhile. */
function moveAway(file: string, judged: string, aside: string): void {
  try {
    renameSync(file, aside);
    if (readText(aside) !== judged) linkSync(aside, file);
  } catch {
    // Somebody was faster; the next look tells who.
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive({ pid, host, began }: Holder, self: Holder): boolean {
  if (host !== self.host || pid === self.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return began === null || began === whenBegan(pid);
}

/** The start of a process in ticks since the machine's; null where the system does not tell. */
function whenBegan(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`);
  // The name may hold spaces and parentheses; what follows the last one is the third field.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, host, began } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === "number" && typeof host === "string"
      ? { pid, host, began: began ?? null }
      : undefined;
  } catch {
    return undefined;
  }
}
