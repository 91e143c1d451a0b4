import { useSyncExternalStore } from "preact/compat";

/** Who is signed in in this tab. */
export interface Session {
  /** Sent with each call; undefined on a devbox that lets everybody in. */
  readonly key: string | undefined;
  readonly subject: string;
  readonly name: string;
}

/** What the tab knows of its session. */
export type SessionState =
  | { readonly kind: "out"; readonly reason?: string }
  /** A key of before the page was loaded, not yet asked about. */
  | { readonly kind: "unknown"; readonly key: string | undefined }
  | { readonly kind: "in"; readonly session: Session };

/** Kept by the browser for this tab alone, and gone with it. */
const storageKey = "flyte-console-key";

let state: SessionState = { kind: "unknown", key: sessionStorage.getItem(storageKey) ?? undefined };
const listeners = new Set<() => void>();

function set(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}

export function currentSession(): SessionState {
  return state;
}

/** What calls of this tab are made with; undefined where none is needed, or known. */
export function sessionKey(): string | undefined {
  if (state.kind === "in") return state.session.key;
  return state.kind === "unknown" ? state.key : undefined;
}

export function signIn(session: Session): void {
  if (session.key !== undefined) sessionStorage.setItem(storageKey, session.key);
  set({ kind: "in", session });
}

/** @param reason why, in words, when it was not the person who did it */
export function signOut(reason?: string): void {
  sessionStorage.removeItem(storageKey);
  set(reason === undefined ? { kind: "out" } : { kind: "out", reason });
}

export function useSession(): SessionState {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentSession);
}

/** Who is signed in, for what is shown only then. */
export function useSignedIn(): Session {
  const session = useSession();
  if (session.kind !== "in") throw new Error("nobody is signed in");
  return session.session;
}
