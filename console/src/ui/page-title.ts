import { useEffect } from "preact/hooks";
import { toAttributeText } from "../text/attribute-text.ts";

const maxLength = 120;

/** Names the page in the tab and to screen readers. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${toAttributeText(title, maxLength)} · Flyte devbox`;
  }, [title]);
}
