import type { VNode } from "preact";
import { memo } from "preact/compat";
import { useState } from "preact/hooks";
import { useSignedIn } from "../../session/session.ts";
import { Button } from "../../ui/button.tsx";
import { TextFilter } from "../../ui/text-filter.tsx";
import { PhaseFilter } from "./phase-filter.tsx";
import { countFilters, noFilters, type RunFilters } from "./run-filters.ts";
import type { Person } from "./run-row.ts";
import { TimeFilter } from "./time-filter.tsx";
import "./filters.css";

/** Chooses which runs are listed. */
export const FilterBar = memo(function FilterBar({
  filters,
  owners,
  onChange,
}: {
  readonly filters: RunFilters;
  /** Whose runs there are, as far as is known. */
  readonly owners: readonly Person[];
  readonly onChange: (filters: RunFilters) => void;
}): VNode {
  const { subject } = useSignedIn();
  const [isOpen, setOpen] = useState(false);
  const set = (changed: Partial<RunFilters>): void => onChange({ ...filters, ...changed });
  const count = countFilters(filters);
  const isMine = filters.owner === subject;
  return (
    <>
      <button
        type="button"
        class="button filters-switch"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        Filters{count > 0 && ` (${count})`}
      </button>
      <search class={`runs-filters${isOpen ? " is-open" : ""}`} aria-label="Filters">
        <PhaseFilter chosen={filters.phases} onChange={(phases) => set({ phases })} />
        <TextFilter label="Task contains" value={filters.task} onChange={(task) => set({ task })} />
        <TextFilter
          label="Owner"
          value={filters.owner}
          choices={owners.map((owner) => ({ value: owner.subject, words: owner.name }))}
          onChange={(owner) => set({ owner })}
          after={
            <Button
              label="Mine only"
              pressed={isMine}
              onClick={() => set({ owner: isMine ? "" : subject })}
            >
              Mine
            </Button>
          }
        />
        <TimeFilter times={filters} onChange={({ since, from, to }) => set({ since, from, to })} />
        {count > 0 && <Button onClick={() => onChange(noFilters)}>Clear filters</Button>}
      </search>
    </>
  );
});
