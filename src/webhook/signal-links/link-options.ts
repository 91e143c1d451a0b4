import { hkdfSync } from "node:crypto";
import type { ControlPlane } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";

/** What makes links by which people without a credential signal a condition once. */
export interface SignalLinkOptions {
  /**
   * The control plane, called with a credential of its own that may run in the projects and domains of the
   * runs. Nothing but conditions that a link was made for is touched with it. It is not closed with the webhook.
   */
  readonly controlPlane: ControlPlane;
  /** Proves links: a secret of at least 32 characters, the same in each replica. Another one ends all links. */
  readonly key: string;
  /** Where browsers reach the webhook, such as `https://hooks.example.com`; https, or this machine. */
  readonly url: string;
}

/** The same, checked. */
export interface ResolvedSignalLinks {
  readonly controlPlane: ControlPlane;
  readonly key: Uint8Array;
  /** Without a slash at its end. */
  readonly baseUrl: string;
}

const minKeyLength = 32;

/** @throws FlyteError `invalid_config` naming the option, the rule and the remedy */
export function resolveSignalLinks(
  options: SignalLinkOptions | undefined,
  webhook: string,
): ResolvedSignalLinks | undefined {
  if (options === undefined) return undefined;
  const { key, url } = options;
  if (typeof key !== "string" || key.length < minKeyLength) {
    throw invalid(`signalLinks.key must be a secret of at least ${minKeyLength} characters.`);
  }
  return {
    controlPlane: options.controlPlane,
    // A link of one webhook is none of another, even with the same key.
    key: new Uint8Array(hkdfSync("sha256", key, webhook, "flyte-webhook signal links", 32)),
    baseUrl: checkedUrl(url),
  };
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.search + url.hash + url.username + url.password === "";
  if (url === undefined || !isPlain || !/^https?:$/.test(url.protocol)) {
    throw invalid(
      "signalLinks.url must be the address of the webhook, such as https://hooks.example.com, without credentials and query.",
    );
  }
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol === "https:" || isHere) return url.href.replace(/\/+$/, "");
  throw invalid("signalLinks.url must begin with https://: whoever sees a link can use it.");
}

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_config", message);
}
