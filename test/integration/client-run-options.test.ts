import { expect, onTestFinished, test } from "vitest";
import type { RunOptions } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { ClusterService } from "../../src/idl/clusters.ts";
import { DataProxyService } from "../../src/idl/data-proxy.ts";
import {
  CacheLookupScope,
  type CreateRunRequest,
  RunService,
  RunSource,
} from "../../src/idl/runs.ts";
import { TaskService } from "../../src/idl/tasks.ts";
import { startStub, stubRun, stubTask, toShortRun } from "../support/scripted-control-plane.ts";

/** What a control plane is asked to create when a run is started with these options. */
async function create(options: RunOptions): Promise<CreateRunRequest | undefined> {
  const seen: CreateRunRequest[] = [];
  const stub = await startStub((router) => {
    router.service(ClusterService, { selectCluster: () => ({}) });
    router.service(TaskService, { getTaskDetails: () => ({ details: stubTask("v1") }) });
    router.service(DataProxyService, {
      uploadInputs: () => ({ offloadedInputData: { uri: "s3://b/i", inputsHash: "h" } }),
    });
    router.service(RunService, {
      createRun: (request) => {
        seen.push(request);
        return { run: toShortRun(stubRun("r1", 1)) };
      },
    });
  });
  const flyte = createControlPlane({ endpoint: stub.url, project: "p", domain: "d" });
  onTestFinished(() => flyte.close());
  await flyte.runs.start({ name: "env.task", version: "v1" }, { x: 1 }, options);
  return seen[0];
}

test("a run keeps its data where the options say", async () => {
  const request = await create({ rawDataPrefix: "s3://bucket/models" });
  expect(request?.runSpec?.rawDataStorage?.rawDataPrefix).toBe("s3://bucket/models");
});

test("without options the control plane chooses where data is kept, and cached results are used", async () => {
  const request = await create({});
  expect(request?.task.case).toBe("taskId");
  expect(request?.runSpec?.rawDataStorage).toBeUndefined();
  expect(request?.runSpec).toMatchObject({
    overwriteCache: false,
    cacheConfig: { overwriteCache: false, cacheLookupScope: CacheLookupScope.GLOBAL },
  });
});

test("what starts a run is told where it says so", async () => {
  expect((await create({}))?.source).toBe(RunSource.UNSPECIFIED);
  expect((await create({ source: "cli" }))?.source).toBe(RunSource.CLI);
  expect((await create({ source: "web" }))?.source).toBe(RunSource.WEB);
});

test("labels and annotations go with the run", async () => {
  const request = await create({ labels: { model: "a" }, annotations: { by: "ci" } });
  expect(request?.runSpec).toMatchObject({
    labels: { values: { model: "a" } },
    annotations: { values: { by: "ci" } },
  });
});
