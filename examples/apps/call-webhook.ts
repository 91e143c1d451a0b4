import { setTimeout as delay } from "node:timers/promises";
import { isMain } from "./is-main.ts";

/** What the webhook answers about a run. */
interface RunState {
  readonly name: string;
  readonly phase: string;
  readonly url: string;
  readonly done: boolean;
}

export interface Client {
  readonly url: string;
  /** An API key of the control plane. */
  readonly key: string;
}

async function call<Answer>({ url, key }: Client, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "user-agent": "my-dashboard/1.0",
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer as Answer;
  throw new Error(`${path} answered ${response.status}: ${(answer as { detail: string }).detail}`);
}

/** Runs a task through the webhook and gives its outputs. Needs nothing but `fetch`. */
export async function runTask(
  client: Client,
  task: string,
  inputs: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const me = await call<{ name: string }>(client, "/me");
  console.log(`Calling as ${me.name}`);
  let state = await call<RunState>(client, `/run-task/${task}`, inputs);
  console.log(`Started ${state.url}`);
  while (!state.done) {
    await delay(200);
    state = await call<RunState>(client, `/run/${state.name}`);
  }
  if (state.phase !== "succeeded") throw new Error(`Run ${state.name} is ${state.phase}`);
  const { outputs } = await call<{ outputs: Record<string, unknown> }>(
    client,
    `/run/${state.name}/io`,
  );
  return outputs;
}

if (isMain(import.meta.url)) {
  const key = process.env["FLYTE_API_KEY"];
  if (key === undefined) {
    throw new Error(
      "Set FLYTE_API_KEY. `flyte-webhook create api-key NAME` makes one on a devbox.",
    );
  }
  const url = process.env["WEBHOOK_URL"] ?? "http://127.0.0.1:8080";
  const task = "development/flytesnacks/stats.describe";
  console.log(await runTask({ url, key }, task, { values: [3, 1, 4, 1, 5] }));
}
