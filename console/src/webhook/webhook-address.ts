import { useSyncExternalStore } from "preact/compat";
import { onBack } from "../control-plane/connection.ts";
import { sessionKey } from "../session/session.ts";
import { readAddress } from "./read-address.ts";

const prefix = "/webhook";

let address: string | undefined;
let isAsked = false;
const listeners = new Set<() => void>();

/** Another devbox may have another webhook. */
onBack(() => {
  isAsked = false;
  if (listeners.size > 0) void ask();
});

/** Where the webhook of this devbox is; undefined until it is known, and where there is none. */
export function useWebhookAddress(): string | undefined {
  return useSyncExternalStore(subscribe, () => address);
}

/** Learns the address from any answer that the devbox has passed on. */
export function noteWebhookAddress({ headers, status }: Response, target: string): void {
  const told = readAddress(headers.get("content-location"), target);
  // One that cannot be reached now is where it was.
  if (told === undefined && status !== 404) return;
  if (told === address) return;
  address = told;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  void ask();
  return () => listeners.delete(listener);
}

/** Asks once, and again only where no answer came. */
async function ask(): Promise<void> {
  if (isAsked) return;
  isAsked = true;
  const target = "/inspect";
  const key = sessionKey();
  try {
    const response = await fetch(`${prefix}${target}`, {
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
    await response.arrayBuffer();
    noteWebhookAddress(response, target);
  } catch {
    isAsked = false; // that the devbox is gone is noticed elsewhere
  }
}
