import type { VNode } from "preact";
import type { App } from "../../../../src/idl/apps.ts";
import { OuterLink } from "../../ui/outer-link.tsx";
import { Text } from "../../ui/text.tsx";
import { toLinks } from "../apps/app-address.ts";

/** The links that an app brings along; nothing without any. */
export function AppLinks({ app }: { readonly app: App }): VNode | null {
  const links = toLinks(app);
  if (links.length === 0) return null;
  return (
    <section class="card">
      <h2>Links</h2>
      <ul class="app-links">
        {links.map(({ title, href, path }, index) => (
          <li key={index}>
            {href === undefined ? (
              <>
                <Text max={100}>{title}</Text>{" "}
                <span class="muted">
                  <Text max={200}>{path}</Text>
                </span>
              </>
            ) : (
              <OuterLink href={href} max={100}>
                {title}
              </OuterLink>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
