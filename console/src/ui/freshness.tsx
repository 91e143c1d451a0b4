import type { VNode } from "preact";
import { refreshMs } from "../control-plane/use-refresh.ts";
import { toAge } from "../text/durations.ts";
import { Button } from "./button.tsx";
import { useNow } from "./use-now.ts";

/** How old is what is shown, where there is no stream of it, and a button to read it again. */
export function Freshness({
  readAt,
  reload,
  isLoading,
  what,
}: {
  /** When it was read, in milliseconds. */
  readonly readAt: number | undefined;
  readonly reload: () => void;
  readonly isLoading: boolean;
  /** What is read, for screen readers and in the explanation. */
  readonly what: string;
}): VNode {
  const now = useNow();
  const seconds = refreshMs / 1_000;
  return (
    <span class="freshness row">
      {readAt !== undefined && (
        <span
          class="muted"
          title={`Flyte has no stream of ${what}. They are read again every ${seconds} seconds while the tab is seen, when one is due, and after what you do.`}
        >
          Read {toAge(Math.min(readAt, now), now)}
        </span>
      )}
      <Button onClick={reload} isBusy={isLoading} label={`Refresh ${what}`}>
        Refresh
      </Button>
    </span>
  );
}
