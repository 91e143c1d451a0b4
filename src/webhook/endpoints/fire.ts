import { callbackUrl } from "../callbacks/callback-parameter.ts";
import type { Endpoint } from "../endpoint.ts";
import { map, object, text } from "../json-schema.ts";
import { addedScope } from "../parameters.ts";
import { dryRun, runOptionParameters } from "../starting/run-option-parameters.ts";
import { waitParameter } from "../waits/waiting-time.ts";
import { exampleRun, exampleRunUrl, withEnd } from "./run-answers.ts";

/** The endpoints of the group `fire`. */
export const fireEndpoints: readonly Endpoint[] = [
  {
    name: "fire_trigger",
    group: "fire",
    added: true,
    method: "POST",
    path: "/trigger/{task_name}/{trigger_name}/fire",
    summary: "Start a run of a trigger now; inputs in the body take the place of the trigger's own",
    parameters: [...addedScope, waitParameter, ...runOptionParameters, callbackUrl, dryRun],
    body: {
      schema: map("Inputs of the task by name, over those of the trigger."),
      required: false,
      example: { x: 1 },
    },
    answer: withEnd(object({ url: text, name: text })),
    example: { url: exampleRunUrl, name: exampleRun.name },
    fence: "fire",
  },
];
