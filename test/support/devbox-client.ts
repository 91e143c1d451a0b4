import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { Devbox } from "../../src/devbox/index.ts";
import { ActionsService } from "../../src/idl/actions.ts";
import { DataProxyService } from "../../src/idl/data-proxy.ts";
import type { RunIdentifier } from "../../src/idl/identifiers.ts";
import {
  type ActionDetails,
  type CreateRunRequestSchema,
  type Run,
  RunService,
} from "../../src/idl/runs.ts";
import { SecretService } from "../../src/idl/secrets.ts";
import type { SecretSchema } from "../../src/idl/security.ts";
import { SignalService } from "../../src/idl/signals.ts";
import { TaskService, type TaskSpecSchema } from "../../src/idl/tasks.ts";
import { TriggerService } from "../../src/idl/triggers.ts";
import { isTerminal, type Phase, toPhase } from "../../src/values/phases.ts";

/** One user's way to the services about runs, with what tests say often. */
export interface DevboxClient {
  readonly runs: Client<typeof RunService>;
  readonly data: Client<typeof DataProxyService>;
  readonly tasks: Client<typeof TaskService>;
  readonly secrets: Client<typeof SecretService>;
  readonly triggers: Client<typeof TriggerService>;
  readonly actions: Client<typeof ActionsService>;
  readonly signals: Client<typeof SignalService>;
  /** Deploys a task that runs a shell script; `$1` is inputs.pb, `$2` the folder for outputs. */
  deployScript(name: string, script: string, options?: ScriptOptions): Promise<TaskId>;
  /** Starts a run in the task's scope unless the request says otherwise. */
  start(task: TaskId, request?: MessageInitShape<typeof CreateRunRequestSchema>): Promise<Run>;
  /** Watches a run to the end, or to the phase. */
  reach(run: Run, phase?: Phase): Promise<ActionDetails>;
}

export interface ScriptOptions {
  readonly domain?: string;
  readonly retries?: number;
  readonly timeoutSeconds?: number;
  readonly secrets?: readonly MessageInitShape<typeof SecretSchema>[];
  readonly defaultInputs?: MessageInitShape<typeof TaskSpecSchema>["defaultInputs"];
}

export interface TaskId {
  readonly project: string;
  readonly domain: string;
  readonly name: string;
  readonly version: string;
}

export function connect(devbox: Pick<Devbox, "url" | "keys">, subject: string): DevboxClient {
  const transport = createConnectTransport({
    baseUrl: devbox.url,
    httpVersion: "1.1",
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${devbox.keys[subject]}`);
        return next(request);
      },
    ],
  });
  const runs = createClient(RunService, transport);
  const tasks = createClient(TaskService, transport);
  return {
    runs,
    tasks,
    data: createClient(DataProxyService, transport),
    secrets: createClient(SecretService, transport),
    triggers: createClient(TriggerService, transport),
    actions: createClient(ActionsService, transport),
    signals: createClient(SignalService, transport),
    deployScript: async (name, script, options = {}) => {
      const { domain = "development", retries = 0, timeoutSeconds, defaultInputs = [] } = options;
      const { secrets = [] } = options;
      const taskId = { project: "flytesnacks", domain, name, version: "v1" };
      const paths = `in="\${1#file://}"; out="\${2#file://}";`;
      const args = ["sh", "-c", `${paths} ${script}`, "sh", "{{.input}}", "{{.outputPrefix}}"];
      await tasks.deployTask({
        taskId,
        spec: {
          defaultInputs,
          environment: { name: "scripts" },
          taskTemplate: {
            type: "shell",
            securityContext: { secrets: [...secrets] },
            target: { case: "container", value: { args } },
            metadata: {
              retries: { retries },
              ...(timeoutSeconds === undefined
                ? {}
                : { timeout: { seconds: BigInt(timeoutSeconds) } }),
            },
          },
        },
      });
      return taskId;
    },
    start: async (taskId, request = {}) => {
      const { project, domain } = taskId;
      const { run } = await runs.createRun({
        id: { case: "projectId", value: { name: project, domain } },
        task: { case: "taskId", value: taskId },
        ...request,
      });
      if (run === undefined) throw new Error("no run was answered");
      return run;
    },
    reach: async (run, phase) => {
      const actionId = actionOf(run);
      const stop = new AbortController();
      for await (const { details } of runs.watchActionDetails(
        { actionId },
        { signal: stop.signal },
      )) {
        const now = toPhase(details?.status?.phase ?? 0);
        if (details === undefined || now === undefined) continue;
        if (now !== phase && !isTerminal(now)) continue;
        return details;
      }
      throw new Error("the watch ended before the run did");
    },
  };
}

/** The root action of a run. */
export function actionOf(run: Run): NonNullable<NonNullable<Run["action"]>["id"]> {
  const id = run.action?.id;
  if (id === undefined) throw new Error("the run has no action");
  return id;
}

export function runIdOf(run: Run): RunIdentifier {
  const id = actionOf(run).run;
  if (id === undefined) throw new Error("the run has no identifier");
  return id;
}

export function nameOf(run: Run): string {
  return runIdOf(run).name;
}

/** Asserts that a call fails, and gives its code by name. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return Code[ConnectError.from(error).code];
  }
  return "none";
}
