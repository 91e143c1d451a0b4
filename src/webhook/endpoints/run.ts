import type { Endpoint } from "../endpoint.ts";
import { object, text } from "../json-schema.ts";
import { abortReason, addedScope } from "../parameters.ts";
import { waitParameter } from "../waits/waiting-time.ts";
import {
  abortAnswer,
  exampleAbort,
  exampleIo,
  exampleRun,
  ioMembers,
  runAnswer,
  withEnd,
  withError,
} from "./run-answers.ts";

/** The endpoints of the group `run`. */
export const runEndpoints: readonly Endpoint[] = [
  {
    name: "get_run",
    group: "run",
    method: "GET",
    path: "/run/{name}",
    summary: "Read the state of a run",
    parameters: [...addedScope, waitParameter],
    answer: withEnd(withError(runAnswer)),
    example: exampleRun,
    fence: "run",
  },
  {
    name: "get_run_io",
    group: "run",
    method: "GET",
    path: "/run/{name}/io",
    summary: "Read the inputs of a run and, once it has ended, its outputs",
    parameters: addedScope,
    answer: withError(object({ name: text, ...ioMembers })),
    example: { name: exampleRun.name, ...exampleIo },
    fence: "run",
  },
  {
    name: "abort_run",
    group: "run",
    method: "POST",
    path: "/run/{name}/abort",
    summary: "Ask for a run to be stopped",
    parameters: [abortReason, ...addedScope],
    bodyExample: { reason: "not needed" },
    answer: abortAnswer,
    example: exampleAbort,
    fence: "run",
  },
];
