import type { VNode } from "preact";
import type { App } from "../../../../src/idl/apps.ts";
import { Text } from "../../ui/text.tsx";
import { toLinks } from "../apps/app-address.ts";

/** The links that an app brings along; nothing without any. */
export function AppLinks({ app }: { readonly app: App }): VNode | null {
  const links = toLinks(app);
  if (links.length === 0) return null;
  return (
    <section class="stack-small">
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
              <a href={href} target="_blank" rel="noopener noreferrer">
                <Text max={100}>{title}</Text>
                <span class="visually-hidden"> (opens in a new tab)</span>
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
