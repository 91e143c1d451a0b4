import type { VNode } from "preact";
import { TextFilter } from "./text-filter.tsx";

/** Above a list: what is searched for, and how much that finds. */
export function SearchBar({
  placeholder,
  value,
  found,
  onChange,
}: {
  /** What can be searched for. */
  readonly placeholder: string;
  readonly value: string;
  /** `3 of 7 apps`. */
  readonly found?: string | undefined;
  readonly onChange: (value: string) => void;
}): VNode {
  return (
    <search class="search-bar">
      <TextFilter label="Search" placeholder={placeholder} value={value} onChange={onChange} />
      {found !== undefined && (
        <p class="muted" role="status">
          {found}
        </p>
      )}
    </search>
  );
}
