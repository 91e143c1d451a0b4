import { callbackUrl } from "../callbacks/callback-parameter.ts";
import type { Endpoint } from "../endpoint.ts";
import { flag, type JsonSchema, list, map, nullable, object, text } from "../json-schema.ts";
import { version } from "../parameters.ts";
import { dryRun, runOptionParameters } from "../starting/run-option-parameters.ts";
import { waitParameter } from "../waits/waiting-time.ts";
import { exampleRun, exampleRunUrl, withEnd } from "./run-answers.ts";

const inputs: JsonSchema = map("The task's inputs by name.");
const task = "/{domain}/{project}/{name}";

export const runTaskEndpoint: Endpoint = {
  name: "run_task",
  group: "task",
  method: "POST",
  path: `/run-task${task}`,
  summary: "Start a run of a task; the body is the object of its inputs",
  parameters: [version, waitParameter, ...runOptionParameters, callbackUrl, dryRun],
  body: { schema: inputs, required: true, example: { x: 1 } },
  answer: withEnd(object({ url: text, name: text })),
  example: { url: exampleRunUrl, name: exampleRun.name },
  fence: "task",
};

/** The endpoints of the group `task`. */
export const taskEndpoints: readonly Endpoint[] = [
  runTaskEndpoint,
  {
    name: "get_task",
    group: "task",
    method: "GET",
    path: `/task${task}`,
    summary: "Describe a version of a task",
    parameters: [version],
    answer: object({
      name: text,
      version: text,
      task_type: text,
      required_args: list(text),
      default_input_args: list(text),
      cache: object({ behavior: text, version_override: nullable(text), serialize: flag }),
      secrets: list(text),
    }),
    example: {
      name: "env.greet",
      version: "abc123",
      task_type: "python",
      required_args: ["who"],
      default_input_args: ["times"],
      cache: { behavior: "disable", version_override: null, serialize: false },
      secrets: [],
    },
    fence: "task",
  },
];
