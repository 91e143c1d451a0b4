import type { Endpoint } from "../endpoint.ts";
import { flag, type JsonSchema, nullable, object, text } from "../json-schema.ts";
import { addedScope } from "../parameters.ts";

const trigger = { task_name: "etl.main", trigger_name: "nightly" };
const told = object({ task_name: text, trigger_name: text, active: flag });
const triggerSchema: JsonSchema = {
  ...told,
  properties: {
    ...told.properties,
    next_fire_at: {
      ...nullable({ ...text, format: "date-time" }),
      description:
        "Null for a trigger that does not fire. Left out where the original is followed.",
    },
  },
};

/** The endpoints of the group `trigger`. */
export const triggerEndpoints: readonly Endpoint[] = [
  {
    name: "activate_trigger",
    group: "trigger",
    method: "POST",
    path: "/trigger/{task_name}/{trigger_name}/activate",
    summary: "Switch a trigger on",
    parameters: addedScope,
    bodyExample: { project: "flytesnacks", domain: "production" },
    answer: triggerSchema,
    example: { ...trigger, active: true, next_fire_at: "2026-05-02T02:00:00.000Z" },
    fence: "trigger",
  },
  {
    name: "deactivate_trigger",
    group: "trigger",
    method: "POST",
    path: "/trigger/{task_name}/{trigger_name}/deactivate",
    summary: "Switch a trigger off",
    parameters: addedScope,
    bodyExample: { project: "flytesnacks", domain: "production" },
    answer: triggerSchema,
    example: { ...trigger, active: false, next_fire_at: null },
    fence: "trigger",
  },
];
