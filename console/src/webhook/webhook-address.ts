import { useSyncExternalStore } from "preact/compat";
import { onBack } from "../control-plane/connection.ts";
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

function note(told: string | undefined): void {
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
  try {
    await askWebhookAddress();
  } catch {
    isAsked = false; // that the devbox is gone is noticed elsewhere
  }
}

/**
 * Asks the devbox for the address of its webhook, which is not asked itself.
 *
 * @returns undefined where it knows of none
 */
export async function askWebhookAddress(signal?: AbortSignal): Promise<string | undefined> {
  const response = await fetch(prefix, {
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    ...(signal !== undefined && { signal }),
  });
  note(readAddress(response.headers.get("content-location")));
  return address;
}
