import { flag, integer, type JsonSchema, map, nullable, object, text } from "../json-schema.ts";

/** What endpoints about runs, prefetch runs included, answer. */
export const runAnswer: JsonSchema = object({ name: text, phase: text, url: text, done: flag });

/** The same, and why a run failed. */
export function withError(answer: JsonSchema): JsonSchema {
  const error = { ...text, description: "Why the run failed; absent otherwise." };
  return { ...answer, properties: { ...answer.properties, error } };
}

/** The same where a request may name somebody who is told of the end of the run. */
export function withCallbackId(answer: JsonSchema): JsonSchema {
  const callback = {
    ...object({ id: text }),
    description: "The `webhook-id` of the callback; there when the request named a `callback_url`.",
  };
  return { ...answer, properties: { ...answer.properties, callback } };
}

/** The same where a request may wait for the end of the run. */
export function withEnd(answer: JsonSchema): JsonSchema {
  const end = {
    phase: { ...text, description: "The last state told; there when the request waited." },
    done: { ...flag, description: "Whether the run has ended; there when the request waited." },
    outputs: {
      ...nullable(map("What the run gave, by the names of the task's interface.")),
      description: "There when the request waited and the run has ended.",
    },
    outputs_error: { ...text, description: "Why the outputs cannot be told; absent otherwise." },
  };
  return withCallbackId({ ...answer, properties: { ...end, ...answer.properties } });
}

/** What a request is answered that waited for a run which goes on. */
export const waitingAnswer: JsonSchema = object({
  name: text,
  url: text,
  phase: text,
  done: flag,
  wait: { ...integer, description: "Seconds that were waited at most." },
});

export const ioMembers: Readonly<Record<string, JsonSchema>> = {
  inputs: nullable(map("Inputs by name.")),
  outputs: nullable(map("Outputs as o0, o1, …; null until the run has ended.")),
};

const requested = object({ name: text, status: text, reason: text });

/** Tells by its state whether there was anything left to abort. */
export const abortAnswer: JsonSchema = {
  ...requested,
  properties: {
    ...requested.properties,
    phase: {
      ...text,
      description: "The state after the abort; that of its own end where the run had ended before.",
    },
    done: { ...flag, description: "Whether the run has ended." },
  },
};

export const exampleRunUrl: string =
  "https://flyte.example.com/v2/domain/development/project/flytesnacks/runs/rdc7x9k2m";

export const exampleRun: Readonly<Record<"name" | "phase" | "url", string> & { done: boolean }> = {
  name: "rdc7x9k2m",
  phase: "running",
  url: exampleRunUrl,
  done: false,
};

export const exampleIo = { inputs: { x: 1 }, outputs: { o0: 2 } } as const;

export const exampleAbort = {
  name: "rdc7x9k2m",
  status: "abort_requested",
  reason: "Aborted via webhook API",
  phase: "aborted",
  done: true,
} as const;
