import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button } from "./button.tsx";

const shownMs = 2_000;

export function CopyButton({
  text,
  what,
  children = "Copy",
}: {
  /** Copied as it is, unlike what is shown of it. A function is called when it is pressed. */
  readonly text: string | (() => string);
  /** What is copied, for screen readers. */
  readonly what: string;
  readonly children?: string;
}): VNode {
  const [said, setSaid] = useState<"copied" | "failed">();
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (): void => {
    void copyText(typeof text === "string" ? text : text()).then(setSaid);
  };
  const shown = said === undefined ? children : said === "copied" ? "Copied" : "Not copied";
  return (
    // Its name begins with what it shows (WCAG 2.5.3).
    <Button label={`${shown} ${what}`} onClick={copy}>
      <span role="status">{shown}</span>
    </Button>
  );
}

/** Browsers have a clipboard only where a page is served securely, which a devbox on another host is not. */
async function copyText(text: string): Promise<"copied" | "failed"> {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    return "failed";
  }
}
