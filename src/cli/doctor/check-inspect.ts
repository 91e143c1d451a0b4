import { type Finding, ok, warning } from "./finding.ts";

/** What a webhook says of its group `inspect`; nothing where an app is another one. */
export interface InspectSettings {
  readonly endpoints?: readonly string[] | undefined;
  readonly inspectors?: readonly string[] | undefined;
}

const check = "inspect";

/** Whom a webhook tells what it does. */
export function* checkInspect({
  endpoints = [],
  inspectors = [],
}: InspectSettings): Generator<Finding> {
  if (endpoints.includes("inspect")) {
    const who =
      inspectors.length === 0 ? "nobody, as inspectors names none" : inspectors.join(", ");
    yield ok(
      check,
      `every user of the control plane may see endpoints, allowlists and hooks; deliveries and the audit log: ${who}`,
    );
  } else if (inspectors.length > 0) {
    yield warning(
      check,
      "inspectors are named, but the group inspect is not served. Name it in endpointGroups, or leave inspectors out.",
    );
  }
}
