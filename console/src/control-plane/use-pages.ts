import { useState } from "preact/hooks";
import { useAction } from "./use-action.ts";

export interface PagesOptions<Page> {
  readonly hasMore: (last: Page) => boolean;
  /** Reads the page after one. */
  readonly readNext: (last: Page) => Promise<Page>;
}

export interface Pages<Page> {
  /** All that are loaded. */
  readonly pages: readonly Page[];
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly loadMore: () => void;
}

/** A list that is read page by page, below a first one; it begins anew when that is read again. */
export function usePages<Page>(
  first: Page | undefined,
  { hasMore, readNext }: PagesOptions<Page>,
): Pages<Page> {
  const [later, setLater] = useState<{ readonly below: Page; readonly pages: readonly Page[] }>();
  const more = later !== undefined && later.below === first ? later.pages : [];
  const pages = first === undefined ? [] : [first, ...more];
  const last = pages.at(-1);
  const canLoad = last !== undefined && hasMore(last);
  const loading = useAction(async () => {
    if (first === undefined || last === undefined || !canLoad) return;
    const next = await readNext(last);
    setLater({ below: first, pages: [...more, next] });
  });
  return {
    pages,
    hasMore: canLoad,
    isLoading: loading.isRunning,
    error: loading.error,
    loadMore: () => void loading.run(),
  };
}
