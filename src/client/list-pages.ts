import { Sort_Direction } from "../idl/identifiers.ts";
import { FlyteError } from "../shared/errors.ts";
import type { ListPage, PageOptions } from "./page-options.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  /** What to ask the next page with; empty after the last one. */
  readonly token: string;
}

/** A `flyteidl2.common.ListRequest` for one page, what was made last first. */
export interface PageRequest extends PageAsked {
  readonly sortBy: { readonly key: string; readonly direction: Sort_Direction };
}

/** Asks for the page after `token`, or for the first one without it. */
export function newestFirst(limit: number, token = ""): PageRequest {
  return { limit, token, sortBy: { key: "created_at", direction: Sort_Direction.DESCENDING } };
}

const mostOfPage = 200;

/** A page, as a control plane is asked for it. */
export interface PageAsked {
  readonly limit: number;
  readonly token: string;
}

/** @throws FlyteError `invalid_input` for a limit that is no whole number from 1 to 200 */
export function readPageOptions({ limit = pageSize, after = "" }: PageOptions): PageAsked {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostOfPage) return { limit, token: after };
  throw new FlyteError(
    "invalid_input",
    `limit is ${limit}; give a number from 1 to ${mostOfPage}.`,
  );
}

/** A page as a control plane tells it. */
export function toListPage<Item>({ items, token }: Page<Item>, asked: string): ListPage<Item> {
  // A token that stands still would be followed for ever.
  return { items, next: token === "" || token === asked ? undefined : token };
}

const pageSize = 100;
const mostItems = 10_000;

/** @throws FlyteError `invalid_input` for a limit that is no whole number from 1 to 10,000 */
export function checkListLimit(limit: number = mostItems): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostItems) return limit;
  throw new FlyteError("invalid_input", `limit is ${limit}; give a number from 1 to ${mostItems}.`);
}

/**
 * Reads pages until `limit` items are there or none is left.
 *
 * @throws FlyteError `invalid_input` for a limit that is no whole number from 1 to 10,000
 */
export async function listPages<Item>(
  limit: number | undefined,
  readPage: (limit: number, token: string) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const most = checkListLimit(limit);
  const found: Item[] = [];
  let token = "";
  do {
    const page = await readPage(Math.min(pageSize, most - found.length), token);
    found.push(...page.items);
    // A token that stands still would be followed for ever.
    if (page.token === token || page.items.length === 0) break;
    token = page.token;
  } while (token !== "" && found.length < most);
  return found.slice(0, most);
}
