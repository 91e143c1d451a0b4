import type { Endpoint, EndpointName } from "../endpoint.ts";
import { keyRule } from "../idempotency/read-key.ts";
import { text } from "../json-schema.ts";
import { problemKinds } from "../problem-codes.ts";

type Node = Readonly<Record<string, unknown>>;

/** The endpoints that start one run, each once for a key. */
const starting: ReadonlySet<EndpointName> = new Set([
  "run_task",
  "run_task_and_wait",
  "fire_trigger",
  "rerun_run",
  "build_image",
  "prefetch_hf_model",
]);

/** Whether an endpoint starts runs once for each idempotency key. */
export function takesKey({ name }: Endpoint): boolean {
  return starting.has(name) || name === "run_tasks";
}

const keyParameter: Node = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description:
    `Stands for this start: ${keyRule}, bare or in double quotes. Whoever repeats the request with the same key gets the ` +
    "run that the first one has started.",
  schema: { ...text, minLength: 1, maxLength: 512 },
  example: "8e03978e-40d5-43e8-bc93-6894a57f9324",
};

const replayed: Node = {
  "Idempotency-Replayed": {
    description: "`true` where an earlier request has started the run; absent otherwise.",
    schema: { type: "string", enum: ["true"] },
  },
};

/** The header that a request to an endpoint may be repeated by, where it takes one. */
export function keyParametersOf(endpoint: Endpoint): readonly Node[] {
  return takesKey(endpoint) ? [keyParameter] : [];
}

/** An answer about a run, which may have been started before. */
export function withReplayed(endpoint: Endpoint, answer: Node): Node {
  return takesKey(endpoint) ? { ...answer, headers: replayed } : answer;
}

/** The answers to a key that cannot be taken now, or stands for another payload; a batch tells them of each item. */
export function keyResponsesOf({ name }: Endpoint, compat: "upstream" | undefined): Node {
  if (!starting.has(name)) return {};
  const content =
    compat === "upstream"
      ? { "application/json": { schema: { $ref: "#/components/schemas/Detail" } } }
      : { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  const { in_flight: inFlight, payload_mismatch: mismatch } = problemKinds;
  return {
    [inFlight.status]: {
      description: `${inFlight.title}, or the name of the run is taken`,
      headers: {
        "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" } },
      },
      content,
    },
    [mismatch.status]: { description: `Not of the form asked for. ${mismatch.title}`, content },
  };
}
