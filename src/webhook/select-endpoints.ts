import { FlyteError } from "../shared/errors.ts";
import { nearestName } from "../shared/nearest-name.ts";
import type { Endpoint, EndpointGroup, EndpointName } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";

export interface EndpointSelection {
  /** Groups of endpoints to serve. An empty list serves none. @default `["all"]` */
  readonly endpointGroups?: readonly EndpointGroup[];
  /** Endpoints to serve, one by one; not together with `endpointGroups`. */
  readonly endpoints?: readonly EndpointName[];
}

const groupNames: readonly EndpointGroup[] = [
  "all",
  ...new Set(endpoints.map((endpoint) => endpoint.group)),
];
const endpointNames = endpoints.map((endpoint) => endpoint.name);

function assertKnown(kind: string, given: readonly string[], known: readonly string[]): void {
  for (const name of given) {
    if (known.includes(name)) continue;
    const meant = nearestName(String(name), known);
    const question = meant === undefined ? "" : ` Did you mean "${meant}"?`;
    throw new FlyteError(
      "invalid_config",
      `There is no ${kind} "${name}".${question} There are: ${known.join(", ")}.`,
    );
  }
}

/**
 * The endpoints to serve, in the order of the table.
 *
 * @throws FlyteError `invalid_config` when both options are given, even empty, or when a name is
 * unknown; the message names the nearest known one
 */
export function selectEndpoints(selection: EndpointSelection): readonly Endpoint[] {
  const { endpointGroups, endpoints: names } = selection;
  if (endpointGroups !== undefined && names !== undefined) {
    throw new FlyteError(
      "invalid_config",
      "Cannot specify both endpoints and endpoint_groups: leave one of the options out.",
    );
  }
  if (names !== undefined) {
    assertKnown("endpoint", names, endpointNames);
    return endpoints.filter((endpoint) => names.includes(endpoint.name));
  }
  const groups = endpointGroups ?? ["all"];
  assertKnown("endpoint group", groups, groupNames);
  return endpoints.filter(
    ({ group, added }) => groups.includes(group) || (groups.includes("all") && added !== true),
  );
}
