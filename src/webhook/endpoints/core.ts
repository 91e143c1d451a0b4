import type { Endpoint } from "../endpoint.ts";
import { object, text } from "../json-schema.ts";

/** The endpoints of the group `core`. */
export const coreEndpoints: readonly Endpoint[] = [
  {
    name: "health",
    group: "core",
    method: "GET",
    path: "/health",
    summary: "Tell that the webhook is up",
    parameters: [],
    answer: object({ status: text }),
    example: { status: "healthy" },
    fence: "none",
    public: true,
  },
  {
    name: "me",
    group: "core",
    method: "GET",
    path: "/me",
    summary: "Tell who the control plane takes the caller for",
    parameters: [],
    answer: object({ subject: text, name: text }),
    example: { subject: "ada", name: "Ada Lovelace" },
    fence: "none",
  },
];
