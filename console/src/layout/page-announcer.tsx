import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { usePath } from "../navigation/location.ts";
import type { Scope } from "../scope.ts";
import { toAttributeText } from "../text/attribute-text.ts";
import { useCurrentTitle } from "../ui/page-title.ts";

/** Tells screen readers of another page, and puts the focus at its beginning. */
export function PageAnnouncer({ scope }: { readonly scope: Scope }): VNode {
  const path = usePath();
  const title = useCurrentTitle();
  const shownPath = useRef(path);
  const saidPath = useRef(path);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (shownPath.current === path) return;
    shownPath.current = path;
    // Who chooses from a list goes on choosing.
    if (document.activeElement instanceof HTMLSelectElement) return;
    document.getElementById("content")?.focus({ preventScroll: true });
  }, [path]);
  useEffect(() => {
    // A page names itself when its code is there.
    if (saidPath.current === path || title.path !== path) return;
    saidPath.current = path;
    setSaid(`${title.text}, ${toAttributeText(`${scope.project} ${scope.domain}`)}`);
  }, [path, title]);
  return (
    <p class="visually-hidden" role="status">
      {said}
    </p>
  );
}
