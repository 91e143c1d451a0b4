import type { VNode } from "preact";
import type { App } from "../../../../src/idl/apps.ts";
import { Text } from "../../ui/text.tsx";
import { toAppState } from "../apps/app-state.ts";
import { AppStateBadge } from "../apps/app-state-badge.tsx";

/** How the app is doing, and what the control plane says about it; told to screen readers as it changes. */
export function AppStateLine({ app }: { readonly app: App }): VNode {
  const { message, tone } = toAppState(app);
  return (
    <div class={`app-state-line app-state-${tone}`} role="status">
      <AppStateBadge app={app} />
      <span class="app-state-message">
        <Text max={4_000}>{message}</Text>
      </span>
    </div>
  );
}
