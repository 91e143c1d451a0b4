import type { VNode } from "preact";
import type { App } from "../../../../src/idl/apps.ts";
import { OuterLink } from "../../ui/outer-link.tsx";
import { toAddress } from "./app-address.ts";

/** Where an app is called; opens in a tab of its own. */
export function AppAddress({ app }: { readonly app: App }): VNode {
  const address = toAddress(app);
  if (address === undefined) return <span class="muted">–</span>;
  return (
    <OuterLink href={address} max={200}>
      {address.replace(/^https?:\/\//, "")}
    </OuterLink>
  );
}
