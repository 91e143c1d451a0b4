import type { Endpoint } from "../endpoint.ts";
import { flag, object, text } from "../json-schema.ts";
import { addedScope } from "../parameters.ts";

const trigger = { task_name: "etl.main", trigger_name: "nightly" };
const triggerSchema = object({ task_name: text, trigger_name: text, active: flag });

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
    example: { ...trigger, active: true },
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
    example: { ...trigger, active: false },
    fence: "trigger",
  },
];
