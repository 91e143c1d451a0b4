import type { Scope } from "../../client/control-plane.ts";
import type { Call } from "../call.ts";
import type { EndpointName } from "../endpoint.ts";

/**
 * Where a run can be read, from where the request went to: a reference with only as many steps up as are needed
 * (RFC 3986, 5.2), so that it also holds where a proxy serves the webhook below a prefix. Undefined where that endpoint
 * is not served.
 */
export function runLocation(
  { endpoint, options }: Pick<Call, "endpoint" | "options">,
  { project, domain, name }: Scope & { readonly name: string },
): string | undefined {
  const wanted: EndpointName = endpoint.group === "prefetch" ? "get_prefetch_hf_model" : "get_run";
  const reader = options.endpoints.find((one) => one.name === wanted);
  if (reader === undefined) return undefined;
  const up = "../".repeat(endpoint.path.split("/").length - 2);
  const path = reader.path.slice(1).replace(/\{\w+\}/, encodeURIComponent(name));
  return `${up || "./"}${path}?${new URLSearchParams({ project, domain })}`;
}
