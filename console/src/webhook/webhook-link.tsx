import type { ComponentChildren, VNode } from "preact";

/** A page of the webhook itself, which is of another origin. */
export function WebhookLink({
  address,
  path,
  children,
}: {
  readonly address: string;
  readonly path: "/docs" | "/openapi.json";
  readonly children: ComponentChildren;
}): VNode {
  return (
    <a href={`${address}${path}`} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
