import { callbackUrl } from "../callbacks/callback-parameter.ts";
import type { Endpoint } from "../endpoint.ts";
import { flag, map, nullable, object, text } from "../json-schema.ts";
import { version } from "../parameters.ts";
import { dryRun, runOptionParameters } from "../starting/run-option-parameters.ts";
import { waitParameter } from "../waits/waiting-time.ts";
import { exampleRun, exampleRunUrl, withCallbackId } from "./run-answers.ts";

/** The endpoints of the group `wait`. */
export const waitEndpoints: readonly Endpoint[] = [
  {
    name: "run_task_and_wait",
    group: "wait",
    added: true,
    method: "POST",
    path: "/run-task-and-wait/{domain}/{project}/{name}",
    summary: "Start a run of a task and answer with its outputs when it has ended",
    parameters: [version, waitParameter, ...runOptionParameters, callbackUrl, dryRun],
    body: { schema: map("The task's inputs by name."), required: true, example: { x: 1 } },
    answer: withCallbackId(
      object({
        url: text,
        name: text,
        phase: text,
        done: flag,
        outputs: nullable(map("What the run gave, by the names of the task's interface.")),
      }),
    ),
    example: {
      url: exampleRunUrl,
      name: exampleRun.name,
      phase: "succeeded",
      done: true,
      outputs: { y: 2 },
    },
    fence: "task",
  },
];
