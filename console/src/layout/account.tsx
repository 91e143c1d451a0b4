import type { VNode } from "preact";
import { toRoleWords } from "../session/role-claims.ts";
import { signOut, useSignedIn } from "../session/session.ts";
import { toAttributeText } from "../text/attribute-text.ts";
import { Button } from "../ui/button.tsx";
import { Text } from "../ui/text.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

const panelId = "account-panel";

/** Who is signed in, with what belongs to the person: roles, colours, shortcuts, the way out. */
export function Account({ showShortcuts }: { readonly showShortcuts: () => void }): VNode {
  const { subject, name, email, roles, key } = useSignedIn();
  return (
    <div class="account">
      <button type="button" class="account-button" popovertarget={panelId}>
        <span class="avatar" aria-hidden="true">
          {toInitials(name)}
        </span>
        <span class="visually-hidden">Account: </span>
        <span class="account-name">
          <Text max={60}>{name}</Text>
        </span>
      </button>
      <section id={panelId} popover="auto" class="account-panel" aria-label="Account">
        <div>
          <p class="account-who">
            <Text max={200}>{name}</Text>
          </p>
          {email !== "" && (
            <p class="muted">
              <Text max={200}>{email}</Text>
            </p>
          )}
        </div>
        <dl>
          <dt>Subject</dt>
          <dd class="mono">
            <Text max={200}>{subject}</Text>
          </dd>
          {roles.length > 0 && (
            <>
              <dt>Roles</dt>
              {roles.map((role) => (
                <dd key={toRoleWords(role)}>
                  <Text max={200}>{toRoleWords(role)}</Text>
                </dd>
              ))}
            </>
          )}
        </dl>
        <ThemeSwitch />
        <Button
          onClick={() => {
            document.getElementById(panelId)?.hidePopover();
            showShortcuts();
          }}
        >
          Keyboard shortcuts
        </Button>
        {key === undefined && <p class="muted">This devbox lets everybody in: no key is needed.</p>}
        <Button onClick={signOut}>{key === undefined ? "Sign in with a key" : "Sign out"}</Button>
      </section>
    </div>
  );
}

function toInitials(name: string): string {
  const words = toAttributeText(name, 60)
    .split(/[\s._-]+/)
    .filter((word) => word !== "");
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return (
    letters
      .map((word) => [...(word ?? "")][0] ?? "")
      .join("")
      .toUpperCase() || "?"
  );
}
