import { FlyteError } from "../../shared/errors.ts";

/** An app that runs here. */
export interface ServedApp {
  readonly name: string;
  readonly endpoint: string;
  deactivate(): Promise<void>;
  /** Ends it at once, without waiting for anything. */
  kill(): void;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Signals this close together are one: npm passes on the Ctrl-C that the terminal has sent too. */
const sameSignalMs = 500;

/** In the order of their start, so that what is needed comes before what needs it. */
const served = new Map<string, ServedApp>();
let stoppingSince: number | undefined;

/** The app of that name that runs here. */
export function findServed(name: string): ServedApp | undefined {
  return served.get(name);
}

/** @throws FlyteError `conflict` when another app of that name runs here */
export function assertNotServed(app: ServedApp): void {
  const other = served.get(app.name);
  if (other === undefined || other === app) return;
  throw new FlyteError(
    "conflict",
    `An app "${app.name}" is served already, at ${other.endpoint}. Deactivate it first, or give this one another name with cloneWith.`,
  );
}

/** From now on the app ends with this process, running requests answered when a signal ends it. */
export function addServed(app: ServedApp): void {
  assertNotServed(app);
  if (served.size === 0) listen();
  served.set(app.name, app);
}

export function removeServed(app: ServedApp): void {
  if (served.get(app.name) !== app) return;
  served.delete(app.name);
  if (served.size === 0 && stoppingSince === undefined) unlisten();
}

function listen(): void {
  for (const signal of signals) process.on(signal, stopAll);
  process.on("exit", killAll);
}

function unlisten(): void {
  for (const signal of signals) process.off(signal, stopAll);
  process.off("exit", killAll);
}

function killAll(): void {
  for (const app of served.values()) app.kill();
}

/** Stops all, and then lets the signal do what it does to a process that does not listen. */
function stopAll(signal: NodeJS.Signals): void {
  if (stoppingSince !== undefined) {
    const again = performance.now() - stoppingSince >= sameSignalMs && signal !== "SIGHUP";
    if (again && process.listenerCount(signal) === 1) process.exit(signal === "SIGINT" ? 130 : 143);
    return;
  }
  stoppingSince = performance.now();
  void deactivateAll().finally(() => {
    stoppingSince = undefined;
    if (served.size > 0) return; // started meanwhile
    unlisten();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  });
}

async function deactivateAll(): Promise<void> {
  for (const app of [...served.values()].reverse()) {
    await app.deactivate().catch(() => undefined);
  }
}
