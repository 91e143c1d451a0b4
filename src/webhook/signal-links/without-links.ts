import { FlyteError } from "../../shared/errors.ts";
import type { Endpoint } from "../endpoint.ts";
import type { WebhookOptions } from "../options.ts";

const name = "create_signal_link";

/**
 * The endpoints that are really served: links are only made where they are configured.
 *
 * @throws FlyteError `invalid_config` when the endpoint is named and links are not configured
 */
export function withoutLinks(
  endpoints: readonly Endpoint[],
  { signalLinks, endpoints: named }: Pick<WebhookOptions, "signalLinks" | "endpoints">,
): readonly Endpoint[] {
  if (signalLinks !== undefined) return endpoints;
  if (named?.includes(name)) {
    throw new FlyteError(
      "invalid_config",
      `The endpoint "${name}" needs signalLinks: links act with a credential of the webhook's own.`,
    );
  }
  return endpoints.filter((endpoint) => endpoint.name !== name);
}
