import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { deployTask } from "../../src/client/deploy-task.ts";
import { ClusterService } from "../../src/idl/clusters.ts";
import { DataProxyService, type UploadInputsRequest } from "../../src/idl/data-proxy.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { type CreateRunRequest, RunService } from "../../src/idl/runs.ts";
import { type DeployTaskRequest, TaskService, TaskSpecSchema } from "../../src/idl/tasks.ts";
import {
  type DeployTriggerRequest,
  TriggerDetailsSchema,
  TriggerService,
  TriggerSpecSchema,
} from "../../src/idl/triggers.ts";
import { Cron, defineTask, Trigger, t, triggerTime } from "../../src/tasks/index.ts";
import { toTaskSpec } from "../../src/tasks/task-spec.ts";
import { toTaskTriggers } from "../../src/tasks/task-triggers.ts";
import { readOffloadedInputs, writeOffloadedInputs } from "../../src/values/trigger-inputs.ts";
import { startStub } from "../support/scripted-control-plane.ts";

/** Where the inputs of triggers go, on control planes of several ages. */
const scope = { project: "p", domain: "d" };
const place = { uri: "s3://bucket/inputs", inputsHash: "h" };
const stored = { ...scope, task: "t", name: "n", schedule: { cron: "@daily" } };

const integer = { type: { case: "simple", value: SimpleType.INTEGER } } as const;
const taskSpec = create(TaskSpecSchema, {
  taskTemplate: {
    interface: {
      inputs: { variables: ["x", "y"].map((key) => ({ key, value: { type: integer } })) },
    },
  },
});

interface Age {
  /** What `SelectCluster` says to an upload for a trigger. */
  readonly select?: Code;
  readonly upload?: Code;
  /** Whether the trigger that is there tells its inputs. */
  readonly keepsInputs?: boolean;
}

async function connect({ select, upload, keepsInputs = false }: Age = {}) {
  const seen: {
    operations: number[];
    uploads: UploadInputsRequest[];
    triggers: DeployTriggerRequest[];
    tasks: DeployTaskRequest[];
    runs: CreateRunRequest[];
  } = { operations: [], uploads: [], triggers: [], tasks: [], runs: [] };
  const spec = create(TriggerSpecSchema, { taskVersion: "v1", active: true });
  if (keepsInputs) writeOffloadedInputs(spec, place);
  const trigger = create(TriggerDetailsSchema, { spec });
  const stub = await startStub((router) => {
    router.service(ClusterService, {
      selectCluster: ({ operation }) => {
        seen.operations.push(operation);
        if (select !== undefined && Number(operation) === 9)
          throw new ConnectError("what?", select);
        return {};
      },
    });
    router.service(DataProxyService, {
      uploadInputs: (request) => {
        seen.uploads.push(request);
        if (upload !== undefined) throw new ConnectError("not here", upload);
        return { offloadedInputData: place };
      },
    });
    router.service(TaskService, {
      getTaskDetails: ({ taskId }) => ({
        details: { ...(taskId !== undefined && { taskId }), spec: taskSpec },
      }),
      deployTask: (request) => {
        seen.tasks.push(request);
        return {};
      },
    });
    router.service(TriggerService, {
      getTriggerDetails: () => ({ trigger }),
      deployTrigger: (request) => {
        seen.triggers.push(request);
        return { trigger };
      },
    });
    router.service(RunService, {
      createRun: (request) => {
        seen.runs.push(request);
        const run = { ...scope, org: "", name: "r1" };
        return { run: { action: { id: { run, name: "a0" }, status: { phase: 1 } } } };
      },
    });
  });
  const flyte = createControlPlane({ endpoint: stub.url, ...scope, retries: 0 });
  onTestFinished(() => flyte.close());
  return { flyte, seen };
}

const wanted = { ...stored, taskVersion: "v1", inputs: { x: 1, y: 2 } };

test("inputs are uploaded for a trigger, and the trigger names their place", async () => {
  const { flyte, seen } = await connect();
  await flyte.triggers.deploy(wanted);
  expect(seen.operations).toEqual([9]);
  expect(seen.uploads[0]?.inputs?.literals.map(({ name }) => name)).toEqual(["x", "y"]);
  const spec = seen.triggers[0]?.spec;
  expect(spec && readOffloadedInputs(spec)).toMatchObject(place);
  expect(spec?.inputs).toBeUndefined();
});

test.each<[string, Age, uploads: number]>([
  ["does not know the operation", { select: Code.InvalidArgument }, 0],
  ["takes no uploads", { upload: Code.Unimplemented }, 1],
])("a control plane that %s gets them with the trigger", async (_, age, uploads) => {
  const { flyte, seen } = await connect(age);
  await flyte.triggers.deploy(wanted);
  expect(seen.uploads).toHaveLength(uploads);
  const spec = seen.triggers[0]?.spec;
  expect(spec && readOffloadedInputs(spec)).toBeUndefined();
  expect(spec?.inputs?.literals.map(({ name }) => name)).toEqual(["x", "y"]);
});

test("an upload that is refused is told, and no trigger is made", async () => {
  const { flyte, seen } = await connect({ upload: Code.PermissionDenied });
  await expect(flyte.triggers.deploy(wanted)).rejects.toMatchObject({ code: "permission_denied" });
  expect(seen.triggers).toEqual([]);
});

test("triggers that come with a task give all inputs but the time, defaults included", async () => {
  const { flyte, seen } = await connect();
  const task = defineTask(
    {
      name: "t",
      inputs: { at: t.datetime(), x: t.int(), y: t.int().default(5) },
      triggers: [
        new Trigger({
          name: "n",
          automation: new Cron("@daily"),
          inputs: { at: triggerTime, x: 1 },
        }),
      ],
    },
    () => ({}),
  );
  const where = { org: "", ...scope, version: "v1", bundleUri: "", image: "", packageVersion: "0" };
  const spec = toTaskSpec(task, where);
  await deployTask(flyte, { spec, triggers: toTaskTriggers(task) });
  const [uploaded] = seen.uploads;
  expect(uploaded?.task.case).toBe("taskSpec");
  expect(uploaded?.inputs?.literals.map(({ name }) => name)).toEqual(["x", "y"]);
  expect(uploaded?.inputs?.context).toMatchObject([
    { key: "_u_kickoff_time_input_arg", value: "at" },
  ]);
  const sent = seen.tasks[0]?.triggers[0]?.spec;
  expect(sent && readOffloadedInputs(sent)).toMatchObject(place);
});

test("where a control plane keeps a trigger's inputs, it gives them itself, or the caller gives all", async () => {
  const { flyte, seen } = await connect({ keepsInputs: true });
  await flyte.triggers.fire(stored);
  expect(seen.runs[0]).toMatchObject({
    task: { case: "triggerName", value: { taskName: "t", name: "n" } },
    inputWrapper: { case: undefined },
  });
  await flyte.triggers.fire(stored, { x: 3, y: 4 });
  expect(seen.runs[1]?.inputWrapper.case).toBe("offloadedInputData");
  expect(seen.uploads[0]?.inputs?.literals).toHaveLength(2);
  await expect(flyte.triggers.fire(stored, { x: 3 })).rejects.toMatchObject({
    code: "precondition_failed",
    message: expect.stringContaining("missing are y"),
  });
  expect(seen.runs).toHaveLength(2);
});
