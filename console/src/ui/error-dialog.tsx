import type { VNode } from "preact";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ErrorNotice } from "./error-notice.tsx";

/** Says that what was asked for did not happen, where the page has no place for it; nothing without an error. */
export function ErrorDialog({
  title,
  error,
  onClose,
}: {
  readonly title: string;
  readonly error: unknown;
  readonly onClose: () => void;
}): VNode | null {
  if (error === undefined) return null;
  return (
    <Dialog title={title} onClose={onClose}>
      <ErrorNotice error={error} />
      <div class="row">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
