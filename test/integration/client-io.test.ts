import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { ClusterService } from "../../src/idl/clusters.ts";
import { DataProxyService, type GetActionDataResponseSchema } from "../../src/idl/data-proxy.ts";
import { type RunDetails, RunDetailsSchema, RunService } from "../../src/idl/runs.ts";
import { toInputs } from "../../src/values/task-inputs.ts";
import { startStub, stubRun, stubTask } from "../support/scripted-control-plane.ts";

const signature = stubTask("v1").spec?.taskTemplate?.interface;
const inputs = toInputs(
  { ...(signature && { interface: signature }), defaultInputs: [] },
  { x: 3 },
);
const three = inputs.literals[0]?.value ?? {};
const outputs = { literals: [{ name: "o0", value: three }] };

/** The inputs and outputs a control plane with this run and data is read to have. */
async function readIo(
  details: RunDetails,
  data: MessageInitShape<typeof GetActionDataResponseSchema>,
) {
  const stub = await startStub((router) => {
    router.service(RunService, { getRunDetails: () => ({ details }) });
    router.service(ClusterService, { selectCluster: () => ({}) });
    router.service(DataProxyService, { getActionData: () => data });
  });
  const flyte = createControlPlane({ endpoint: stub.url, project: "p", domain: "d" });
  onTestFinished(() => flyte.close());
  const io = await flyte.runs.io({ name: "r" });
  return { inputs: io.inputs, outputs: io.outputs, methods: stub.methods() };
}

test("a run that succeeded has inputs and outputs, read with one call each", async () => {
  expect(await readIo(stubRun("r", 5), { inputs, outputs })).toEqual({
    inputs: { x: 3 },
    outputs: { o0: 3 },
    methods: ["GetRunDetails", "SelectCluster", "GetActionData"],
  });
});

test.each([
  ["is running", 4],
  ["failed", 6],
  ["was aborted", 7],
  ["timed out", 8],
])("a run that %s has no outputs, whatever the answer holds", async (_word, phase) => {
  expect(await readIo(stubRun("r", phase), { inputs, outputs })).toMatchObject({
    inputs: { x: 3 },
    outputs: null,
  });
});

test("outputs that cannot be read are an error, not an empty answer", async () => {
  const binary = {
    case: "binary" as const,
    value: { value: new Uint8Array([0xc1]), tag: "msgpack" },
  };
  const value = { value: { case: "scalar" as const, value: { value: binary } } };
  const broken = { literals: [{ name: "o0", value }] };
  await expect(readIo(stubRun("r", 5), { inputs, outputs: broken })).rejects.toMatchObject({
    code: "internal",
    message: expect.stringContaining("outputs of run r"),
  });
});

test("an action that is no task has no data to be asked for", async () => {
  const { action } = stubRun("r", 5);
  const details = create(RunDetailsSchema, {
    action: { id: action?.id ?? {}, status: action?.status ?? {} },
  });
  expect(await readIo(details, {})).toEqual({
    inputs: {},
    outputs: {},
    methods: ["GetRunDetails"],
  });
});
