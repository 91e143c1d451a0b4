import { callbackUrl } from "../callbacks/callback-parameter.ts";
import type { Endpoint } from "../endpoint.ts";
import { map, object, text } from "../json-schema.ts";
import { addedScope, type Parameter } from "../parameters.ts";
import { dryRun, runOptionParameters } from "../starting/run-option-parameters.ts";
import { waitParameter } from "../waits/waiting-time.ts";
import { exampleRun, exampleRunUrl, withEnd } from "./run-answers.ts";

const version: Parameter = {
  name: "version",
  description:
    "The task's version; `latest` for the one deployed last. Without it, that of the run.",
  kind: "identifier",
  place: "query",
};

/** The endpoints of the group `rerun`. */
export const rerunEndpoints: readonly Endpoint[] = [
  {
    name: "rerun_run",
    group: "rerun",
    added: true,
    method: "POST",
    path: "/run/{name}/rerun",
    summary: "Start a run like an earlier one; inputs in the body take the place of its own",
    parameters: [
      version,
      ...addedScope,
      waitParameter,
      ...runOptionParameters,
      callbackUrl,
      dryRun,
    ],
    body: {
      schema: map("Inputs of the task by name, over those of the earlier run."),
      required: false,
      example: { x: 1 },
    },
    answer: withEnd(object({ url: text, name: text })),
    example: { url: exampleRunUrl, name: exampleRun.name },
    fence: "run",
  },
];
