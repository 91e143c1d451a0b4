import type { VNode } from "preact";
import { CopyButton } from "../../ui/copy-button.tsx";
import { OuterLink } from "../../ui/outer-link.tsx";
import { Text } from "../../ui/text.tsx";
import { useWebhookAddress } from "../../webhook/webhook-address.ts";

/** Where the webhook is, and what it says of itself there. */
export function WebhookAddressBar(): VNode | null {
  const address = useWebhookAddress();
  if (address === undefined) return null;
  return (
    <section class="row webhook-address" aria-label="Address of the webhook">
      <code>
        <Text max={300}>{address}</Text>
      </code>
      <CopyButton text={address} what="the address of the webhook" />
      <OuterLink href={`${address}/docs`}>Docs</OuterLink>
      <OuterLink href={`${address}/openapi.json`}>OpenAPI</OuterLink>
    </section>
  );
}
