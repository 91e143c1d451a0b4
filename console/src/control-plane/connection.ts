import { useSyncExternalStore } from "preact/compat";

/** Whether the devbox answers. */
export interface Connection {
  /** `back`: it was gone, and has answered again a moment ago. */
  readonly kind: "there" | "gone" | "back";
  /** The version of the devbox, once it has told it. */
  readonly version?: string | undefined;
  /** Whether it is another one than that which served this page. */
  readonly isOtherVersion: boolean;
}

/** How long it is said that the devbox is back. */
const backMs = 4_000;
const firstDelayMs = 500;
const longestDelayMs = 5_000;

let connection: Connection = { kind: "there", isOtherVersion: false };
let heardAt = Date.now();
let isProbing = false;
const listeners = new Set<() => void>();
const onBackListeners = new Set<() => void>();

function set(next: Connection): void {
  connection = next;
  for (const listener of listeners) listener();
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connection,
  );
}

/** Calls when the devbox answers again after it was gone. @returns what ends that */
export function onBack(listener: () => void): () => void {
  onBackListeners.add(listener);
  return () => {
    onBackListeners.delete(listener);
  };
}

/** An answer came, whatever it says. */
export function noteReached(): void {
  heardAt = Date.now();
  if (connection.kind !== "gone") return;
  set({ ...connection, kind: "back" });
  setTimeout(() => {
    if (connection.kind === "back") set({ ...connection, kind: "there" });
  }, backMs);
  for (const listener of [...onBackListeners]) listener();
}

/** Nobody listens there. It is asked again and again until somebody does. */
export function noteUnreachable(): void {
  if (connection.kind !== "gone") set({ ...connection, kind: "gone" });
  if (!isProbing) void probeUntilThere();
}

async function probeUntilThere(): Promise<void> {
  isProbing = true;
  let delayMs = firstDelayMs;
  while (connection.kind === "gone") {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    delayMs = Math.min(delayMs * 1.5, longestDelayMs);
    if (!document.hidden) await probe();
  }
  isProbing = false;
}

/** Asks whether the devbox is there, unless it was heard of lately. */
export async function probeAfter(silenceMs: number): Promise<void> {
  if (Date.now() - heardAt >= silenceMs && connection.kind !== "gone") await probe();
}

/** Asks the devbox whether it serves, which also tells its version. */
export async function probe(): Promise<void> {
  try {
    const response = await fetch("/readyz", { cache: "no-store" });
    const [, version] =
      /\bflyte-webhook-devbox\/(\S+)/.exec(response.headers.get("server") ?? "") ?? [];
    if (version !== undefined && version !== connection.version) {
      const isOtherVersion = connection.isOtherVersion || connection.version !== undefined;
      set({ ...connection, version, isOtherVersion });
    }
    if (response.ok) noteReached();
    else noteUnreachable();
  } catch {
    noteUnreachable();
  }
}
