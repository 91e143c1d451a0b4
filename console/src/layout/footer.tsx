import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { probe, probeAfter, useConnection } from "../control-plane/connection.ts";
import { OuterLink } from "../ui/outer-link.tsx";
import { Text } from "../ui/text.tsx";
import { useWebhookAddress } from "../webhook/webhook-address.ts";

/** A page that asks for nothing finds out all the same that the devbox is gone. */
const silenceMs = 20_000;

/** Which devbox this is. */
export function Footer({ showShortcuts }: { readonly showShortcuts: () => void }): VNode {
  const { version } = useConnection();
  const webhook = useWebhookAddress();
  useEffect(() => {
    void probe();
    const timer = setInterval(() => {
      if (!document.hidden) void probeAfter(silenceMs);
    }, silenceMs / 4);
    return () => clearInterval(timer);
  }, []);
  return (
    <footer class="footer">
      <span>
        Flyte devbox{" "}
        {version !== undefined && (
          <>
            · flyte-webhook <Text max={40}>{version}</Text>
          </>
        )}
      </span>
      <span class="footer-links">
        {webhook !== undefined && (
          <OuterLink href={`${webhook}/docs`}>Docs of the webhook</OuterLink>
        )}
        <button type="button" class="link-button" onClick={showShortcuts}>
          Keyboard shortcuts
        </button>
      </span>
    </footer>
  );
}
