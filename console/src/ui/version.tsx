import type { VNode } from "preact";
import { toAttributeText } from "../text/attribute-text.ts";
import { shortenVersion } from "../text/shorten-version.ts";

/** A version in short, whole on hover. */
export function Version({ children }: { readonly children: string }): VNode {
  return (
    <span class="version mono" title={`Version ${toAttributeText(children)}`}>
      {shortenVersion(children)}
    </span>
  );
}
