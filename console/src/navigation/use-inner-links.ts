import { useEffect } from "preact/hooks";
import { navigate } from "./location.ts";

/** Links within the console change the page without loading it anew. Modified clicks stay the browser's. */
export function useInnerLinks(): void {
  useEffect(() => {
    document.addEventListener("click", follow);
    return () => document.removeEventListener("click", follow);
  }, []);
}

function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.target !== "" || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  const isPage = url.origin === location.origin && /^\/v2(?:\/|$)/.test(url.pathname);
  if (!isPage || url.hash !== "") return;
  event.preventDefault();
  navigate(url.pathname + url.search);
  scrollTo(0, 0);
}
