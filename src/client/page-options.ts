import type { CallOptions } from "./control-plane.ts";

/** One page of a list, as a caller asks for it. */
export interface PageOptions extends CallOptions {
  /** How many there are at most, from 1 to 200. @default 100 */
  readonly limit?: number;
  /** The `next` of the page before. @default the first page */
  readonly after?: string;
}

/** One page of a list. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  /** What the next page is asked for with; undefined after the last one. */
  readonly next: string | undefined;
}
