import type { Hub } from "./hub.ts";
import { HubError, toNetworkError } from "./hub-errors.ts";

export interface HubRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const mostRedirects = 10;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a GET and follows where a hub sends it to. The token goes to the hub alone, whatever it
 * redirects to, and never from https to plain http.
 *
 * @returns the last answer, with any status but that of a redirect
 * @throws HubError when the way there cannot be gone
 */
export async function request(hub: Hub, url: string, options: HubRequest): Promise<Response> {
  const { origin } = new URL(hub.url);
  let target = new URL(url);
  for (let hops = 0; hops <= mostRedirects; hops += 1) {
    const authorization =
      hub.token !== undefined && target.origin === origin
        ? { authorization: `Bearer ${hub.token}` }
        : {};
    const response = await send(target, {
      headers: { ...options.headers, ...authorization },
      redirect: "manual",
      signal: options.signal,
    });
    const location = response.headers.get("location");
    if (!redirects.has(response.status) || location === null) return response;
    await response.body?.cancel();
    target = follow(target, location);
  }
  throw unsafe(hub, `sends on more than ${mostRedirects} times`);
}

async function send(
  target: URL,
  init: RequestInit & { readonly signal: AbortSignal },
): Promise<Response> {
  try {
    return await fetch(target, init);
  } catch (error) {
    if (init.signal.aborted) throw init.signal.reason;
    throw toNetworkError(target.host, error);
  }
}

function follow(from: URL, location: string): URL {
  const host = { url: from.origin };
  if (!URL.canParse(location, from.href))
    throw unsafe(host, "sends on to something that is no address");
  const target = new URL(location, from);
  if (!/^https?:$/.test(target.protocol)) throw unsafe(host, `sends on to ${target.protocol}`);
  if (from.protocol === "https:" && target.protocol === "http:") {
    throw unsafe(host, "sends on to plain http");
  }
  if (target.username !== "" || target.password !== "") {
    throw unsafe(host, "sends on to an address with a password");
  }
  return target;
}

function unsafe({ url }: Pick<Hub, "url">, what: string): HubError {
  return new HubError(`${url} ${what}, which is not followed.`, { code: "UnsafeRedirect" });
}
