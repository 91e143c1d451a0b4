import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { type CreateRunRequest, RunService } from "../../../src/idl/runs.ts";
import { EchoConditions } from "./echo-conditions.ts";
import { EchoWatches } from "./echo-watches.ts";
import type { See } from "./seen-call.ts";

/** Where the tasks of all runs are, unless a run says otherwise. */
interface RunTask {
  readonly name: string;
  readonly project?: string;
  readonly domain?: string;
}

/** Runs the stub knows, by the name of their task; `unknown` is a run that tells no task. */
const known: Readonly<Record<string, RunTask | undefined>> = {
  "run-of-allowed": { name: "allowed.main" },
  "run-of-other": { name: "other.main" },
  "run-of-prefetch": { name: "prefetch.hf_model" },
  "run-of-unknown": undefined,
};

/** Runs by name, the same in every project; all of them go on for ever. */
export class EchoRuns {
  readonly runs: Map<string, RunTask | undefined> = new Map(Object.entries(known));
  /** What was started. */
  readonly created: CreateRunRequest[] = [];
  readonly conditions: EchoConditions = new EchoConditions();
  readonly watches: EchoWatches = new EchoWatches();

  reset(): void {
    this.runs.clear();
    for (const [name, task] of Object.entries(known)) this.runs.set(name, task);
    this.created.length = 0;
    this.conditions.reset();
    this.watches.reset();
  }

  serve(router: ConnectRouter, see: See): void {
    this.conditions.serve(router, see);
    router.service(RunService, {
      ...this.conditions.methods(see),
      createRun: (request, context) => {
        see("createRun", context);
        this.created.push(request);
        const { id, task } = request;
        const project = id.case === "projectId" ? id.value.name : "";
        const domain = id.case === "projectId" ? id.value.domain : "";
        const ran = task.case === "taskId" ? task.value : { name: "allowed.main" };
        this.runs.set("rnew", ran);
        // Its outputs were there before.
        if (ran.name.startsWith("cached")) this.watches.end("rnew");
        const { status } = this.watches.endOf("rnew") ?? {};
        const action = rootAction("rnew", project, domain, ran);
        return { run: { action: { ...action, ...(status !== undefined && { status }) } } };
      },
      getRunDetails: ({ runId }, context) => {
        see("getRunDetails", context);
        const { name = "", project = "", domain = "" } = runId ?? {};
        if (!this.runs.has(name)) {
          throw new ConnectError(`no run ${name} in shard 7`, Code.NotFound);
        }
        const action = rootAction(name, project, domain, this.runs.get(name));
        return { details: { action: { ...action, ...this.watches.endOf(name) } } };
      },
      watchActionDetails: ({ actionId }, context) => {
        see("watchActionDetails", context);
        const { name = "", project = "", domain = "" } = actionId?.run ?? {};
        const action = rootAction(name, project, domain, this.runs.get(name));
        return this.watches.tell(name, action, context.signal);
      },
      listRuns: ({ request, scopeBy }, context) => {
        see("listRuns", context);
        const { name: project = "", domain = "" } =
          scopeBy.case === "projectId" ? scopeBy.value : {};
        const from = Number(request?.token || 0);
        const to = from + (request?.limit ?? 0);
        const all = [...this.runs].map(([name, task]) => ({
          action: rootAction(name, project, domain, task),
        }));
        return { runs: all.slice(from, to), token: to < all.length ? String(to) : "" };
      },
      abortRun: (_request, context) => {
        see("abortRun", context);
        return {};
      },
    });
  }
}

function rootAction(name: string, project: string, domain: string, task: RunTask | undefined) {
  const id = {
    project: task?.project ?? "flytesnacks",
    domain: task?.domain ?? "development",
    name: task?.name ?? "",
    version: "v1",
  };
  return {
    id: { run: { org: "", project, domain, name }, name: "a0" },
    metadata: task === undefined ? {} : { spec: { case: "task" as const, value: { id } } },
    status: { phase: 4, attempts: 1 },
    spec: { case: "task" as const, value: { taskTemplate: {} } },
  };
}
