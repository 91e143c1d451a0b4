/** What browsers say of the page that sent a request. */
export interface SiteHeaders {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  readonly "sec-fetch-site"?: string | readonly string[] | undefined;
}

/**
 * Whether a browser sent the request for a page of another origin. Browsers say so in
 * `Sec-Fetch-Site`, older ones in `Origin` alone; no page can forge either. Who sends neither is no browser.
 */
export function isCrossSite(headers: SiteHeaders): boolean {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}
