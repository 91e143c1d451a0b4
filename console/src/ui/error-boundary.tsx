import type { ComponentChildren, VNode } from "preact";
import { useErrorBoundary } from "preact/hooks";
import { Button } from "./button.tsx";
import { Text } from "./text.tsx";

/** Says so where the page itself fails, so that what is around it stays usable. */
export function ErrorBoundary({ children }: { readonly children: ComponentChildren }): VNode {
  const [error, retry] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  return (
    <div class="notice notice-error" role="alert">
      <strong>This page has failed</strong>
      <p class="detail">
        <Text max={1_000}>{String(error)}</Text>
      </p>
      <Button onClick={retry}>Show it again</Button>
    </div>
  );
}
