import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { Agent, type Dispatcher } from "undici";
import { lookupHost } from "../../shared/lookup-host.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { type AddressRule, createAddressRule } from "./app-address.ts";

/** One request to an app. */
export interface AppRequest {
  readonly url: URL;
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Sends requests to apps. */
export interface AppCaller {
  readonly isAllowed: AddressRule;
  /** The signal ends the answer's body, too. Redirects are answers like all others. */
  send(request: AppRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

/**
 * Sends requests to apps, each on a connection of its own: what one app answers, or holds back,
 * never meets the request of another caller.
 */
export function createAppCaller({
  controlPlane,
  callTimeoutMs,
}: Pick<ResolvedOptions, "controlPlane" | "callTimeoutMs">): AppCaller {
  const isAllowed = createAddressRule(controlPlane.endpoint);
  const agent = new Agent({
    pipelining: 0,
    allowH2: false,
    // The signal is the only limit.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { lookup: createLookup(isAllowed), timeout: callTimeoutMs },
  });
  return {
    isAllowed,
    send({ url, method, headers, body }, signal) {
      return agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers: { ...headers },
        ...(body !== undefined && { body }),
        signal,
      });
    },
    close: () => agent.destroy(),
  };
}

/** Looks at every address a name stands for when it is dialled, not before. */
function createLookup(isAllowed: AddressRule): LookupFunction {
  return (hostname, options, callback) => {
    lookupHost(hostname, options, (error, found: string | LookupAddress[], family) => {
      const addresses = typeof found === "string" ? [found] : found?.map(({ address }) => address);
      if (error !== null || addresses.every(isAllowed)) callback(error, found, family);
      else callback(new Error(`${hostname} is at an address that no app has`), [], 0);
    });
  };
}
