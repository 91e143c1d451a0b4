import { useEffect } from "preact/hooks";
import { toVisible } from "../text/visible-text.ts";

const maxLength = 120;

/** Names the page in the tab and to screen readers. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${toVisible(title.slice(0, maxLength))} · Flyte devbox`;
  }, [title]);
}
