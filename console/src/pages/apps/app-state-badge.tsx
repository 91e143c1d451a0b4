import type { VNode } from "preact";
import type { App } from "../../../../src/idl/apps.ts";
import { Badge } from "../../ui/badge.tsx";
import { toAppState } from "./app-state.ts";

/** How an app is doing, in a word. */
export function AppStateBadge({ app }: { readonly app: App }): VNode {
  const { word, tone } = toAppState(app);
  return <Badge tone={tone}>{word}</Badge>;
}
