import { useSyncExternalStore } from "preact/compat";

const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

addEventListener("popstate", tell);

/** Changes the address without loading the page anew. */
export function navigate(
  to: string,
  { replace = false }: { readonly replace?: boolean } = {},
): void {
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Path of the address, as it is written. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** What stands in the address after `?`, and how to change it: undefined and "" take a name out. */
export function useQuery(): readonly [
  query: URLSearchParams,
  change: (
    names: Readonly<Record<string, string | undefined>>,
    options?: { readonly replace?: boolean },
  ) => void,
] {
  const search = useSyncExternalStore(subscribe, () => location.search);
  return [new URLSearchParams(search), changeQuery];
}

function changeQuery(
  names: Readonly<Record<string, string | undefined>>,
  options: { readonly replace?: boolean } = { replace: true },
): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(names)) {
    if (value === undefined || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  navigate(`${location.pathname}${text === "" ? "" : `?${text}`}`, options);
}
