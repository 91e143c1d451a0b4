import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../ui/button.tsx";

/** Rows of a table that are shown at once. */
const pageSize = 100;

export interface PagesState {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly go: (from: number) => void;
}

export function usePages(count: number): PagesState {
  const [wanted, go] = useState(0);
  const from = wanted < count ? wanted : 0;
  return { from, to: Math.min(count, from + pageSize), count, go };
}

/** Turns the pages of a long table; nothing for a short one. */
export function Pages({
  from,
  to,
  count,
  go,
  what,
}: PagesState & { readonly what: string }): VNode | null {
  if (count <= pageSize) return null;
  const last = Math.floor((count - 1) / pageSize) * pageSize;
  return (
    <div class="row value-pages">
      <Button label="First page" isDisabled={from === 0} onClick={() => go(0)}>
        «
      </Button>
      <Button label="Page before" isDisabled={from === 0} onClick={() => go(from - pageSize)}>
        ‹
      </Button>
      <span class="muted" role="status">
        {from.toLocaleString()} to {(to - 1).toLocaleString()} of {count.toLocaleString()} {what}
      </span>
      <Button label="Next page" isDisabled={to >= count} onClick={() => go(from + pageSize)}>
        ›
      </Button>
      <Button label="Last page" isDisabled={to >= count} onClick={() => go(last)}>
        »
      </Button>
    </div>
  );
}
