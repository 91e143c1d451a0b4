import type { Endpoint } from "../endpoint.ts";
import { flag, integer, type JsonSchema, list, nullable, object, text } from "../json-schema.ts";
import { addedScope, integerParameter, type Parameter, textParameter } from "../parameters.ts";
import { exampleRun } from "./run-answers.ts";

const time: JsonSchema = { ...text, format: "date-time" };

const paging: readonly Parameter[] = [
  integerParameter("limit", "The most that are told, from 1 to 200.", 100),
  textParameter("after", "`next` of the page before. Without it, the first page."),
  ...addedScope,
];

const next: JsonSchema = {
  ...nullable(text),
  description: "What the next page is asked for with, as `after`; null after the last one.",
};

const task = object({ project: text, domain: text, name: text, version: text });

const run = object({
  name: text,
  project: text,
  domain: text,
  phase: text,
  done: flag,
  url: text,
  task: nullable(task),
  owner: nullable(text),
  attempts: integer,
  started_at: nullable(time),
  ended_at: nullable(time),
});

const exampleTask = {
  project: "flytesnacks",
  domain: "development",
  name: "env.greet",
  version: "abc123",
} as const;

function phases(description: string): Parameter {
  return { name: "phase", description, kind: "texts", place: "query" };
}

/** The endpoints of the group `list`. What the allowlists do not allow is left out. */
export const listEndpoints: readonly Endpoint[] = [
  {
    name: "list_runs",
    group: "list",
    added: true,
    method: "GET",
    path: "/runs",
    summary: "List runs, newest first",
    parameters: [
      phases("Only runs in this phase; may be given several times."),
      textParameter("task", "Only runs of the task of this name."),
      textParameter("owner", "Only runs that this subject started."),
      textParameter("since", "Only runs that began then or later (RFC 3339)."),
      textParameter("until", "Only runs that began before (RFC 3339)."),
      ...paging,
    ],
    answer: object({ runs: list(run), next }),
    example: {
      runs: [
        {
          ...{ name: exampleRun.name, project: "flytesnacks", domain: "development" },
          ...{ phase: exampleRun.phase, done: false, url: exampleRun.url, task: exampleTask },
          ...{ owner: "alice", attempts: 1, started_at: "2026-05-01T08:00:00.000Z" },
          ended_at: null,
        },
      ],
      next: null,
    },
    fence: "list",
  },
  {
    name: "list_tasks",
    group: "list",
    added: true,
    method: "GET",
    path: "/tasks",
    summary: "List tasks, each in the version that was deployed last",
    parameters: [textParameter("name", "Only tasks with this in their name."), ...paging],
    answer: object({
      tasks: list(object({ ...task.properties, deployed_at: nullable(time) })),
      next,
    }),
    example: { tasks: [{ ...exampleTask, deployed_at: "2026-05-01T08:00:00.000Z" }], next: null },
    fence: "list",
  },
  {
    name: "list_apps",
    group: "list",
    added: true,
    method: "GET",
    path: "/apps",
    summary: "List apps, newest first",
    parameters: [phases("Only apps in this phase; may be given several times."), ...paging],
    answer: object({
      apps: list(
        object({
          name: text,
          project: text,
          domain: text,
          revision: integer,
          phase: text,
          is_active: flag,
          is_deactivated: flag,
          endpoint: text,
          url: text,
          replicas: integer,
        }),
      ),
      next,
    }),
    example: {
      apps: [
        {
          ...{ name: "my-app", project: "flytesnacks", domain: "development", revision: 3 },
          ...{ phase: "active", is_active: true, is_deactivated: false, replicas: 1 },
          endpoint: "https://my-app.apps.example.com",
          url: "https://flyte.example.com/v2/domain/development/project/flytesnacks/apps/my-app",
        },
      ],
      next: null,
    },
    fence: "list",
  },
  {
    name: "list_triggers",
    group: "list",
    added: true,
    method: "GET",
    path: "/triggers",
    summary: "List triggers, active ones first",
    parameters: [textParameter("task", "Only triggers of the task of this name."), ...paging],
    answer: object({
      triggers: list(
        object({
          task_name: text,
          trigger_name: text,
          project: text,
          domain: text,
          active: flag,
          schedule: nullable(text),
          next_fire_at: nullable(time),
          last_fired_at: nullable(time),
          url: text,
        }),
      ),
      next,
    }),
    example: {
      triggers: [
        {
          ...{ task_name: "env.greet", trigger_name: "nightly", project: "flytesnacks" },
          ...{ domain: "development", active: true, schedule: "0 2 * * * (Europe/Berlin)" },
          next_fire_at: "2026-05-02T00:00:00.000Z",
          last_fired_at: null,
          url: "https://flyte.example.com/v2/domain/development/project/flytesnacks/triggers/env.greet/nightly",
        },
      ],
      next: null,
    },
    fence: "list",
  },
];
