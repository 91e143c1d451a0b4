import type { VNode } from "preact";
import { useConnection } from "../control-plane/connection.ts";
import { Button } from "../ui/button.tsx";

/** Says that the devbox is gone, and that it is back. */
export function ConnectionBanner(): VNode {
  const { kind, isOtherVersion } = useConnection();
  return (
    <div role="status" class="connection">
      {kind === "gone" && (
        <p class="banner banner-gone">
          <strong>The devbox does not answer.</strong> What you see may be old. It is asked again
          until it does; start it with <code>flyte-webhook dev</code>.
        </p>
      )}
      {kind === "back" && !isOtherVersion && <p class="banner banner-back">The devbox is back.</p>}
      {kind !== "gone" && isOtherVersion && (
        <p class="banner">
          The devbox is of another version now.{" "}
          <Button onClick={() => location.reload()}>Load the page anew</Button>
        </p>
      )}
    </div>
  );
}
