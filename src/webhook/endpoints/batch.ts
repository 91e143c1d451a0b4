import type { Endpoint } from "../endpoint.ts";
import { anything, integer, list, map, object, optional, text } from "../json-schema.ts";
import { dryRun } from "../starting/run-option-parameters.ts";
import { exampleRun, exampleRunUrl } from "./run-answers.ts";

const item = {
  ...object({ domain: text, project: text, name: text }, "A task, as run_task has it in its path."),
};

/** The endpoints of the group `batch`. */
export const batchEndpoints: readonly Endpoint[] = [
  {
    name: "run_tasks",
    group: "batch",
    added: true,
    method: "POST",
    path: "/run-tasks",
    summary: "Start runs of up to 100 tasks; each is started or refused for itself",
    parameters: [dryRun],
    body: {
      schema: object({
        runs: list({
          ...item,
          properties: {
            ...item.properties,
            inputs: map("The task's inputs by name."),
            version: text,
            run_name: text,
            labels: map("Labels of the run.", text),
            env_vars: map("Environment variables of the run.", text),
            queue: text,
            overwrite_cache: { type: "boolean" },
            interruptible: { type: "boolean" },
            callback_url: text,
          },
        }),
      }),
      required: true,
      example: {
        runs: [
          { domain: "development", project: "flytesnacks", name: "env.greet", inputs: { x: 1 } },
          { domain: "development", project: "flytesnacks", name: "env.greet", inputs: { x: 2 } },
        ],
      },
    },
    answer: object({
      runs: list({
        ...optional({
          status: { ...integer, description: "What run_task would have answered with." },
          name: text,
          url: text,
          callback: { ...object({ id: text }), description: "As run_task answers it." },
          problem: { ...anything, description: "Why it was not started (RFC 9457)." },
        }),
        required: ["status"],
        description: "What became of each, in the order of the request.",
      }),
      started: integer,
      failed: integer,
    }),
    example: {
      runs: [
        { status: 200, url: exampleRunUrl, name: exampleRun.name },
        { status: 200, url: exampleRunUrl.replace("dc7x9k2m", "h27lq04p"), name: "rh27lq04p" },
      ],
      started: 2,
      failed: 0,
    },
    fence: "none",
  },
];
