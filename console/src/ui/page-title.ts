import { useSyncExternalStore } from "preact/compat";
import { useEffect } from "preact/hooks";
import { toAttributeText } from "../text/attribute-text.ts";

const maxLength = 120;

interface PageTitle {
  readonly text: string;
  /** The address that has this title. */
  readonly path: string;
}

let current: PageTitle = { text: "", path: "" };
const listeners = new Set<() => void>();

/** Names the page in the tab and to screen readers. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    const text = toAttributeText(title, maxLength);
    document.title = `${text} · Flyte devbox`;
    current = { text, path: location.pathname };
    for (const listener of [...listeners]) listener();
  }, [title]);
}

/** What the page that is shown calls itself. */
export function useCurrentTitle(): PageTitle {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
