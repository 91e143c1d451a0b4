import type { VNode } from "preact";
import { signOut, useSignedIn } from "../session/session.ts";
import { toAttributeText } from "../text/attribute-text.ts";
import { Button } from "../ui/button.tsx";
import { Text } from "../ui/text.tsx";

/** Who is signed in. */
export function Account(): VNode {
  const { subject, name, key } = useSignedIn();
  return (
    <div class="account">
      <span title={`Signed in as ${toAttributeText(subject)}`}>
        <span class="visually-hidden">Signed in as </span>
        <Text max={60}>{name}</Text>
      </span>
      {key === undefined ? (
        <span class="muted">no key needed</span>
      ) : (
        <Button onClick={() => signOut()}>Sign out</Button>
      )}
    </div>
  );
}
