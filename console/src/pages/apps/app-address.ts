import type { App } from "../../../../src/idl/apps.ts";
import { quoteShellWord } from "../../../../src/shared/quote-shell-word.ts";
import { toWebAddress } from "../../text/web-address.ts";

/** Where an app is called: an address that a browser may open, or undefined while it has none. */
export function toAddress(app: App): string | undefined {
  const { publicUrl = "", cnameUrl = "" } = app.status?.ingress ?? {};
  return [publicUrl, cnameUrl].find((url) => toWebAddress(url) !== undefined);
}

/** Whether a caller needs a credential. */
export function needsCredential(app: App): boolean {
  return app.spec?.securityContext?.allowAnonymous !== true;
}

/** A call of the app, ready to paste into a shell. */
export function toCurl(app: App): string | undefined {
  const address = toAddress(app);
  if (address === undefined) return undefined;
  const url = quoteShellWord(address.endsWith("/") ? address : `${address}/`);
  return needsCredential(app)
    ? `curl -H "Authorization: Bearer $FLYTE_API_KEY" ${url}`
    : `curl ${url}`;
}

export interface AppLink {
  readonly title: string;
  /** Undefined where a browser must not, or cannot, open it. */
  readonly href: string | undefined;
  /** As the app gives it. */
  readonly path: string;
}

/** The links that an app brings along, those within it at its present address. */
export function toLinks(app: App): readonly AppLink[] {
  const address = toAddress(app);
  return (app.spec?.links ?? []).map(({ path, title, isRelative }) => ({
    title: title === "" ? path : title,
    path,
    href: isRelative ? within(address, path) : toWebAddress(path),
  }));
}

/** Never at another host, whatever the path is. */
function within(address: string | undefined, path: string): string | undefined {
  if (address === undefined) return undefined;
  const text = `${address.replace(/\/+$/, "")}/${path.replace(/^[\\/]+/, "")}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.origin === new URL(address).origin ? url.href : undefined;
}
