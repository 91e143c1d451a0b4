import type { VNode } from "preact";
import { toWords } from "../control-plane/error-words.ts";
import { Button } from "./button.tsx";
import { Text } from "./text.tsx";

/** An error in words; nothing without one. */
export function ErrorNotice({
  error,
  retry,
}: {
  readonly error: unknown;
  /** Offered where the same may work later. */
  readonly retry?: (() => void) | undefined;
}): VNode | null {
  if (error === undefined) return null;
  const { title, detail, mayPass } = toWords(error);
  return (
    <div class="notice notice-error" role="alert">
      <strong>{title}</strong>
      <p class="detail">
        <Text max={4_000}>{detail}</Text>
      </p>
      {mayPass && retry !== undefined && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}
