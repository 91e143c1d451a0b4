import type { VNode } from "preact";
import { Button } from "../../ui/button.tsx";

/** To the pages beside this one; nothing where there is one page. */
export function Pager({
  page,
  pages,
  onChange,
}: {
  readonly page: number;
  readonly pages: number;
  readonly onChange: (page: number) => void;
}): VNode | null {
  if (pages <= 1) return null;
  return (
    <nav class="row" aria-label="Pages of the list">
      <Button onClick={() => onChange(page - 1)} isDisabled={page === 1}>
        Previous
      </Button>
      <span>
        Page {page} of {pages}
      </span>
      <Button onClick={() => onChange(page + 1)} isDisabled={page === pages}>
        Next
      </Button>
    </nav>
  );
}
