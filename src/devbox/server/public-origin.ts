import type { HandlerContext } from "@connectrpc/connect";

/**
 * Scheme, host and port at which the caller reaches the devbox, for addresses in answers. A proxy that
 * ends TLS says so with `x-forwarded-proto`; it concerns the answer to its own request alone.
 */
export function publicOrigin({
  url,
  requestHeader,
}: Pick<HandlerContext, "url" | "requestHeader">): string {
  const { host, protocol } = new URL(url);
  const scheme = requestHeader.get("x-forwarded-proto") === "https" ? "https:" : protocol;
  return `${scheme}//${host}`;
}
