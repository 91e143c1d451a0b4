import type { VNode } from "preact";
import type { App } from "../../../../src/idl/apps.ts";
import { Text } from "../../ui/text.tsx";
import { toAddress } from "./app-address.ts";

/** Where an app is called; opens in a tab of its own. */
export function AppAddress({ app }: { readonly app: App }): VNode {
  const address = toAddress(app);
  if (address === undefined) return <span class="muted">–</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      <Text max={200}>{address.replace(/^https?:\/\//, "")}</Text>
      <span class="visually-hidden"> (opens in a new tab)</span>
    </a>
  );
}
