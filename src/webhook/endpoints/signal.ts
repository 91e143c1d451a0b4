import type { Endpoint } from "../endpoint.ts";
import { anything, flag, type JsonSchema, list, nullable, object, text } from "../json-schema.ts";
import { addedScope, integerParameter, type Parameter } from "../parameters.ts";
import { exampleRun } from "./run-answers.ts";

const time: JsonSchema = { ...text, format: "date-time" };

const condition = {
  condition: text,
  action: text,
  parent: text,
  type: nullable({ ...text, enum: ["boolean", "integer", "float", "string"] }),
  prompt: text,
  prompt_type: { ...text, enum: ["text", "markdown"] },
  description: text,
  phase: text,
  open: flag,
  since: nullable(time),
  deadline: nullable(time),
  ended_at: nullable(time),
  value: { ...anything, description: "What it was signalled with; null before that." },
  signalled_by: nullable(text),
} satisfies Readonly<Record<string, JsonSchema>>;

const exampleCondition = {
  condition: "approve",
  action: "2v9k8pnlwg7gpctzlf0s5ydq1",
  parent: "a0",
  type: "boolean",
  prompt: "Release 1.2?",
  prompt_type: "text",
  description: "",
  phase: "paused",
  open: true,
  since: "2026-05-01T08:00:00.000Z",
  deadline: null,
  ended_at: null,
  value: null,
  signalled_by: null,
} as const;

const value: Parameter = {
  name: "value",
  description: "What the condition is signalled with, of its type.",
  kind: "json",
  place: "body",
  required: true,
};

/** The endpoints of the group `signal`. */
export const signalEndpoints: readonly Endpoint[] = [
  {
    name: "get_conditions",
    group: "signal",
    added: true,
    method: "GET",
    path: "/run/{name}/conditions",
    summary: "Read what a run waits for a person to say, and what was said",
    parameters: addedScope,
    answer: object({ name: text, conditions: list(object(condition)) }),
    example: { name: exampleRun.name, conditions: [exampleCondition] },
    fence: "run",
  },
  {
    name: "signal_condition",
    group: "signal",
    added: true,
    method: "POST",
    path: "/run/{name}/condition/{condition}/signal",
    summary: "Signal a condition that a run waits for, by its name or that of its action",
    parameters: [value, ...addedScope],
    bodyExample: { value: true },
    answer: object({ name: text, ...condition }),
    example: {
      name: exampleRun.name,
      ...exampleCondition,
      phase: "succeeded",
      open: false,
      ended_at: "2026-05-01T08:05:00.000Z",
      value: true,
      signalled_by: "alice",
    },
    fence: "run",
  },
  {
    name: "create_signal_link",
    group: "signal",
    added: true,
    method: "POST",
    path: "/run/{name}/condition/{condition}/links",
    summary: "Make a link by which a person without a credential signals the condition once",
    parameters: [
      {
        name: "value",
        description: "What the link signals. Without it, the person chooses.",
        kind: "json",
        place: "body",
      },
      integerParameter("expires_in", "Seconds until the link ends, 2592000 at most.", 86_400),
      ...addedScope,
    ],
    bodyExample: { expires_in: 3600 },
    answer: object({ name: text, condition: text, action: text, url: text, expires_at: time }),
    example: {
      name: exampleRun.name,
      condition: exampleCondition.condition,
      action: exampleCondition.action,
      url: "https://hooks.example.com/signal/eyJ0b2tlbiI.c2lnbmF0dXJl",
      expires_at: "2026-05-01T09:00:00.000Z",
    },
    fence: "run",
  },
];
