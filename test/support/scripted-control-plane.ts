import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { create } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { onTestFinished } from "vitest";
import { type Run, type RunDetails, RunDetailsSchema, RunSchema } from "../../src/idl/runs.ts";
import { type TaskDetails, TaskDetailsSchema } from "../../src/idl/tasks.ts";

/** One request as the stub received it. */
export interface SeenCall {
  readonly method: string;
  readonly headers: IncomingMessage["headers"];
}

export interface StubControlPlane {
  readonly url: string;
  readonly calls: readonly SeenCall[];
  /** Names of the methods called, in order. */
  methods(): string[];
}

/** A control plane of a few answers on a real port; gone when the test is. */
export async function startStub(
  routes: (router: ConnectRouter) => void,
): Promise<StubControlPlane> {
  const calls: SeenCall[] = [];
  const adapter = connectNodeAdapter({ routes });
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const method = request.url?.split("/").at(-1) ?? "";
    calls.push({ method, headers: request.headers });
    adapter(request, response);
  });
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    methods: () => calls.map(({ method }) => method),
  };
}

const integer = { type: { type: { case: "simple" as const, value: 1 } }, description: "" };

/** A task with one integer input `x`. */
export function stubTask(version: string): TaskDetails {
  return create(TaskDetailsSchema, {
    taskId: { org: "", project: "p", domain: "d", name: "env.task", version },
    spec: {
      taskTemplate: {
        type: "python",
        interface: {
          inputs: { variables: [{ key: "x", value: integer }] },
          outputs: { variables: [{ key: "o0", value: integer }] },
        },
        metadata: { discoverable: true, discoveryVersion: "7" },
        securityContext: { secrets: [{ key: "KEY" }] },
      },
    },
  });
}

/** A run of {@link stubTask} in a phase given by its number. */
export function stubRun(name: string, phase: number, task = "env.task"): RunDetails {
  const taskId = { org: "", project: "p", domain: "d", name: task, version: "v1" };
  return create(RunDetailsSchema, {
    action: {
      id: { run: { org: "", project: "p", domain: "d", name }, name: "a0" },
      metadata: {
        spec: { case: "task", value: { id: taskId } },
        executedBy: { principal: { case: "user", value: { id: { subject: "ann" } } } },
      },
      status: { phase, attempts: 1 },
      spec: { case: "task", value: stubTask("v1").spec ?? {} },
    },
  });
}

/** The short form of a run, as it is created and listed. */
export function toShortRun({ action }: RunDetails): Run {
  if (action === undefined) return create(RunSchema);
  const { id, metadata, status } = action;
  return create(RunSchema, {
    action: { ...(id && { id }), ...(metadata && { metadata }), ...(status && { status }) },
  });
}
