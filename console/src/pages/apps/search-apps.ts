import type { App } from "../../../../src/idl/apps.ts";
import { hasWords } from "../../text/has-words.ts";
import { toIdentityName } from "../../text/identity-name.ts";
import { toAppName } from "./app-list.ts";
import { toAppState } from "./app-state.ts";

const pageSize = 50;

/** The apps with all words of a search in their name, state, description or owner, by name. */
export function searchApps(apps: readonly App[], search: string): readonly App[] {
  return apps
    .filter((app) => hasWords(toSearchedText(app), search))
    .toSorted((a, b) => compareTexts(toAppName(a), toAppName(b)));
}

function toSearchedText(app: App): string {
  const { profile, creator } = app.spec ?? {};
  const texts = [
    toAppName(app),
    toAppState(app).word,
    profile?.type,
    profile?.shortDescription,
    toIdentityName(creator),
  ];
  return texts.join("\n");
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One page of a list, the nearest one there is. */
export function pageOf<T>(
  all: readonly T[],
  wanted: number,
): { readonly items: readonly T[]; readonly page: number; readonly pages: number } {
  const pages = Math.max(1, Math.ceil(all.length / pageSize));
  const page = Number.isInteger(wanted) ? Math.min(Math.max(1, wanted), pages) : 1;
  return { items: all.slice((page - 1) * pageSize, page * pageSize), page, pages };
}
