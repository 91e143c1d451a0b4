import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { IdentityService } from "../../src/idl/auth.ts";
import { ClusterService } from "../../src/idl/clusters.ts";
import { DataProxyService } from "../../src/idl/data-proxy.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { RunService } from "../../src/idl/runs.ts";
import { TaskService } from "../../src/idl/tasks.ts";

/** A call the stub was sent: the method, and the credentials that came with it. */
export interface SeenCall {
  readonly method: string;
  readonly authorization: string | null;
  readonly cookie: string | null;
}

/** Runs the stub knows, by the name of their task; `unknown` is a run that tells no task. */
const runs: Readonly<Record<string, string | undefined>> = {
  "run-of-allowed": "allowed.main",
  "run-of-other": "other.main",
  "run-of-unknown": undefined,
};

/**
 * A control plane that answers constants and writes down who asked: what a gateway forwards can be
 * proved with it, and it fails on request.
 */
export class ControlPlaneStub implements AsyncDisposable {
  readonly calls: SeenCall[] = [];
  /** Fails the calls of a method until it is deleted. */
  readonly failures: Map<string, ConnectError> = new Map();
  readonly #server: Server;

  private constructor() {
    const handler = connectNodeAdapter({
      routes: (router) => {
        router.service(IdentityService, {
          userInfo: (_request, context) => {
            this.#see("userInfo", context);
            const subject = context.requestHeader.get("authorization") ?? "";
            return { subject, name: "Ada" };
          },
        });
        router.service(ClusterService, {
          selectCluster: (_request, context) => {
            this.#see("selectCluster", context);
            return {};
          },
        });
        router.service(TaskService, {
          listTasks: ({ request }, context) => {
            this.#see("listTasks", context);
            const name = request?.filters[0]?.values[0] ?? "";
            return {
              tasks: name.startsWith("absent") ? [] : [{ taskId: { name, version: "v1" } }],
            };
          },
          getTaskDetails: ({ taskId }, context) => {
            this.#see("getTaskDetails", context);
            if (taskId === undefined || taskId.name.startsWith("absent")) {
              throw new ConnectError("no such task", Code.NotFound);
            }
            const type = { type: { case: "simple" as const, value: SimpleType.INTEGER } };
            const variables = [{ key: "x", value: { type } }];
            const taskTemplate = { type: "typescript", interface: { inputs: { variables } } };
            return { details: { taskId, spec: { taskTemplate } } };
          },
        });
        router.service(DataProxyService, {
          uploadInputs: (_request, context) => {
            this.#see("uploadInputs", context);
            return { offloadedInputData: { uri: "stub://inputs", inputsHash: "hash" } };
          },
          getActionData: (_request, context) => {
            this.#see("getActionData", context);
            return {};
          },
        });
        router.service(RunService, {
          createRun: ({ id }, context) => {
            this.#see("createRun", context);
            const project = id.case === "projectId" ? id.value.name : "";
            const domain = id.case === "projectId" ? id.value.domain : "";
            return { run: { action: rootAction("rnew", project, domain, "allowed.main") } };
          },
          getRunDetails: ({ runId }, context) => {
            this.#see("getRunDetails", context);
            const name = runId?.name ?? "";
            if (!Object.hasOwn(runs, name)) {
              throw new ConnectError(`no run ${name} in shard 7`, Code.NotFound);
            }
            const { project = "", domain = "" } = runId ?? {};
            return { details: { action: rootAction(name, project, domain, runs[name]) } };
          },
          abortRun: (_request, context) => {
            this.#see("abortRun", context);
            return {};
          },
        });
      },
    });
    this.#server = createServer(handler);
  }

  static async start(): Promise<ControlPlaneStub> {
    const stub = new ControlPlaneStub();
    await new Promise<void>((resolve) => stub.#server.listen(0, "127.0.0.1", resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The methods called since the last time this was asked, in order. */
  takeMethods(): readonly string[] {
    return this.calls.splice(0).map(({ method }) => method);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #see(method: string, { requestHeader }: HandlerContext): void {
    this.calls.push({
      method,
      authorization: requestHeader.get("authorization"),
      cookie: requestHeader.get("cookie"),
    });
    const failure = this.failures.get(method);
    if (failure !== undefined) throw failure;
  }
}

function rootAction(name: string, project: string, domain: string, task: string | undefined) {
  const taskId = { project: "flytesnacks", domain: "development", name: task ?? "", version: "v1" };
  return {
    id: { run: { org: "", project, domain, name }, name: "a0" },
    metadata: task === undefined ? {} : { spec: { case: "task" as const, value: { id: taskId } } },
    status: { phase: 4, attempts: 1 },
    spec: { case: "task" as const, value: { taskTemplate: {} } },
  };
}
