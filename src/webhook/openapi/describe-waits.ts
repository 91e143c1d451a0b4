import type { Endpoint } from "../endpoint.ts";
import { exampleRun, waitingAnswer } from "../endpoints/run-answers.ts";
import { waitParameter } from "../waits/waiting-time.ts";

type Node = Readonly<Record<string, unknown>>;

/** Whether requests to an endpoint may wait for the end of a run. */
export function takesWait({ parameters }: Endpoint): boolean {
  return parameters.includes(waitParameter);
}

/** The header that asks for a wait. */
export const preferHeader: Node = {
  name: "Prefer",
  in: "header",
  required: false,
  description:
    "`wait=SECONDS` waits for the end of the run, `respond-async` alone does not (RFC 7240). The parameter wait goes before it.",
  schema: { type: "string" },
  example: "wait=30",
};

const text = { type: "string" };

/** The answer to a request that waited for a run which goes on. */
export const waitingResponse: Node = {
  description: "The run goes on",
  headers: {
    Location: {
      description: "Where the run can be read, from the address of the request.",
      schema: { ...text, format: "uri-reference" },
    },
    "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" } },
    "Preference-Applied": { description: "The preference that was followed.", schema: text },
  },
  content: {
    "application/json": { schema: waitingAnswer, example: { ...exampleRun, wait: 30 } },
  },
};
