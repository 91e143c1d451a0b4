import { useSyncExternalStore } from "preact/compat";
import type { RoleClaim } from "./role-claims.ts";

/** Who is signed in in this tab. */
export interface Session {
  /** Sent with each call; undefined on a devbox that lets everybody in. */
  readonly key: string | undefined;
  readonly subject: string;
  readonly name: string;
  /** Empty where there is none. */
  readonly email: string;
  /** None where the control plane does not tell them. */
  readonly roles: readonly RoleClaim[];
}

/** What the tab knows of its session. */
export type SessionState =
  | {
      readonly kind: "out";
      readonly reason?: string;
      /** Whether the devbox lets everybody in, so that a key is a choice. */
      readonly isOpen?: boolean;
    }
  /** A key of before the page was loaded, not yet asked about. */
  | { readonly kind: "unknown"; readonly key: string | undefined }
  | { readonly kind: "in"; readonly session: Session };

/** Kept by the browser for this tab alone, and gone with it. */
const storageKey = "flyte-console-key";

let state: SessionState = { kind: "unknown", key: sessionStorage.getItem(storageKey) ?? undefined };
const listeners = new Set<() => void>();

/** Who signs out does so in all tabs. */
const tabs = new BroadcastChannel("flyte-console-sign-out");
tabs.onmessage = ({ data }: MessageEvent<unknown>) => {
  if (state.kind === "in" && state.session.subject === data && state.session.key !== undefined) {
    leave({ reason: "You signed out in another tab." });
  }
};

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

/** The person signs out: in this tab, and in all others of the same user. */
export function signOut(): void {
  if (state.kind !== "in") return;
  const { key, subject } = state.session;
  if (key !== undefined) tabs.postMessage(subject);
  leave({ isOpen: key === undefined });
}

/** Ends the session of this tab. @param reason why, in words */
export function endSession(reason: string | undefined): void {
  leave(reason === undefined ? {} : { reason });
}

/** Goes on without a key, where the devbox lets everybody in. */
export function goOnWithoutKey(): void {
  set({ kind: "unknown", key: undefined });
}

function leave(how: { readonly reason?: string; readonly isOpen?: boolean }): void {
  sessionStorage.removeItem(storageKey);
  set({ kind: "out", ...how });
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
