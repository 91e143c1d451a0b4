import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { expect, test } from "vitest";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { Run, Task } from "../../src/client/remote/index.ts";
import { run } from "../../src/client/remote/start-run.ts";
import { DataProxyService } from "../../src/idl/data-proxy.ts";
import { LiteralSchema } from "../../src/idl/literals.ts";
import { type ActionDetails, ErrorInfo_Kind, RunService } from "../../src/idl/runs.ts";
import { fromPhase, type Phase } from "../../src/values/phases.ts";

interface RunState {
  phase: Phase;
  error?: string;
  abortReason?: string;
}

interface RunStub extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  /** What the control plane answers from now on; each wait sees the states of `then` in turn. */
  readonly state: RunState;
  readonly then: RunState[];
}

function toAction({ phase, error, abortReason }: RunState) {
  const run = { org: "", project: "p", domain: "d", name: "r1" };
  const result: ActionDetails["result"] = { case: undefined };
  return {
    id: { run, name: "a0" },
    status: { phase: fromPhase(phase), attempts: 1 },
    spec: { case: "task" as const, value: {} },
    result:
      error !== undefined
        ? { case: "errorInfo" as const, value: { message: error, kind: ErrorInfo_Kind.USER } }
        : abortReason !== undefined
          ? { case: "abortInfo" as const, value: { reason: abortReason } }
          : result,
  };
}

const four = create(LiteralSchema, {
  value: {
    case: "scalar",
    value: { value: { case: "primitive", value: { value: { case: "integer", value: 4n } } } },
  },
});

/** A control plane with one run, `r1` in project `p` and domain `d`. */
async function startRunStub(): Promise<RunStub> {
  const state: RunState = { phase: "queued" };
  const then: RunState[] = [];
  const server = createServer(
    connectNodeAdapter({
      routes: (router) => {
        router.service(RunService, {
          getRunDetails({ runId }) {
            if (runId?.name !== "r1") throw new ConnectError("no such run", Code.NotFound);
            return { details: { action: toAction(state) } };
          },
          abortRun({ reason }) {
            Object.assign(state, { phase: "aborted", abortReason: reason });
            return {};
          },
          async *watchActionDetails() {
            yield { details: toAction(state) };
            for (const next of then) yield { details: toAction(Object.assign(state, next)) };
          },
        });
        router.service(DataProxyService, {
          getActionData: () => ({
            inputs: { literals: [{ name: "x", value: four }] },
            outputs: { literals: [{ name: "o0", value: four }] },
          }),
        });
      },
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const controlPlane = createControlPlane({
    endpoint: `http://127.0.0.1:${port}`,
    project: "p",
    domain: "d",
  });
  return {
    controlPlane,
    state,
    then,
    async [Symbol.asyncDispose]() {
      await controlPlane.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a run tells what was last read, and reads anew when asked", async () => {
  await using stub = await startRunStub();
  const found = await Run.get({ name: "r1" }, stub);
  expect([found.name, found.project, found.domain, found.phase]).toEqual([
    "r1",
    "p",
    "d",
    "queued",
  ]);
  expect(found.url).toBe(`${stub.controlPlane.endpoint}/v2/domain/d/project/p/runs/r1`);
  expect(found.done()).toBe(false);
  stub.state.phase = "succeeded";
  expect(found.phase).toBe("queued");
  expect((await found.refresh()).phase).toBe("succeeded");
  expect(found.done()).toBe(true);
  await expect(Run.get({ name: "r2" }, stub)).rejects.toMatchObject({ code: "not_found" });
});

test("waiting shows every state and leaves the run at its end", async () => {
  await using stub = await startRunStub();
  stub.then.push({ phase: "running" }, { phase: "succeeded" });
  const found = await Run.get({ name: "r1" }, stub);
  const seen: Phase[] = [];
  const last = await found.wait({ onStatus: ({ phase }) => seen.push(phase) });
  expect(seen).toEqual(["queued", "running", "succeeded"]);
  expect(last.phase).toBe("succeeded");
  expect(found.status).toEqual(last);
  expect(await found.outputs()).toEqual({ o0: 4 });
});

test("inputs are there at once, outputs only after the end", async () => {
  await using stub = await startRunStub();
  const found = await Run.get({ name: "r1" }, stub);
  expect(await found.inputs()).toEqual({ x: 4 });
  await expect(found.outputs()).rejects.toMatchObject({
    code: "precondition_failed",
    message: "Run r1 has no outputs yet: it is queued. Await wait() first.",
  });
});

test("outputs of a run that ended badly throw what the run said", async () => {
  await using stub = await startRunStub();
  const found = await Run.get({ name: "r1" }, stub);
  Object.assign(stub.state, { phase: "failed", error: "division by zero" });
  await expect(found.outputs()).rejects.toMatchObject({
    code: "run_failed",
    message: "Run r1 failed: division by zero",
  });
  expect(found.phase).toBe("failed");
  expect((await found.wait()).error).toEqual({ kind: "user", message: "division by zero" });
});

test("an aborted run is read back with the reason", async () => {
  await using stub = await startRunStub();
  const found = await Run.get({ name: "r1" }, stub);
  expect(await found.abort("enough")).toMatchObject({ phase: "aborted", abortReason: "enough" });
  expect(found.done()).toBe(true);
  await expect(found.outputs()).rejects.toThrow("Run r1 was aborted: enough");
});

test("a task is named without asking anyone, and one without sense is refused", () => {
  expect(Task.get({ name: "stats.describe", autoVersion: "latest" }).ref).toEqual({
    name: "stats.describe",
  });
  expect(Task.get({ name: "a", project: "p", domain: "d", version: "v1" }).version).toBe("v1");
  expect(() => Task.get({ name: "" })).toThrow("A task needs a name");
  expect(() => Task.get({ name: "a", version: "v", autoVersion: "latest" })).toThrow(
    "Give either version or autoVersion, not both.",
  );
});

test("inputs that are no JSON are refused before anything is asked", async () => {
  await using stub = await startRunStub();
  await expect(run(Task.get({ name: "a" }), { x: new Map() }, stub)).rejects.toMatchObject({
    code: "invalid_input",
    faults: [{ path: ["x"] }],
  });
  await expect(run({ name: "a" })).rejects.toMatchObject({ code: "not_initialized" });
});
