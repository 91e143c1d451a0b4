import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { GetAppResponseSchema, UpdateAppResponseSchema } from "../../../../src/idl/app-calls.ts";
import {
  type App,
  AppSchema,
  Spec_DesiredState,
  Status_DeploymentStatus,
} from "../../../../src/idl/apps.ts";
import { writeCodeBundleUri } from "../../../../src/values/app-fields.ts";
import { type AppCalls, type AppSwitch, switchApp } from "./switch-app.ts";

const wanted: AppSwitch = {
  project: "p",
  domain: "d",
  name: "site",
  wanted: "active",
  reason: "because",
};

function stopped(revision: bigint): App {
  const app = create(AppSchema, {
    metadata: { id: { project: "p", domain: "d", name: "site" }, revision },
    spec: { desiredState: Spec_DesiredState.STOPPED },
    status: { conditions: [{ deploymentStatus: Status_DeploymentStatus.STOPPED }] },
  });
  // A field that this version of the IDL does not know.
  if (app.metadata !== undefined) writeCodeBundleUri(app.metadata, "s3://bucket/code");
  return app;
}

/** A control plane that refuses the first updates. */
function controlPlane(
  read: App,
  refusals: readonly Code[] = [],
): { readonly calls: AppCalls; readonly updates: [app: Uint8Array, reason: string][] } {
  const updates: [Uint8Array, string][] = [];
  const calls: AppCalls = {
    get: async () => create(GetAppResponseSchema, { app: read }),
    update: async ({ app, reason = "" }) => {
      updates.push([toBinary(AppSchema, create(AppSchema, app)), reason]);
      const code = refusals[updates.length - 1];
      if (code !== undefined) throw new ConnectError("refused", code);
      return create(UpdateAppResponseSchema);
    },
  };
  return { calls, updates };
}

test("what was read goes back, with nothing changed but the desired state", async () => {
  const read = stopped(7n);
  const { calls, updates } = controlPlane(read);
  await switchApp(calls, wanted);
  const [bytes = new Uint8Array(), reason] = updates[0] ?? [];
  const sent = fromBinary(AppSchema, bytes);
  expect([sent.spec?.desiredState, reason]).toEqual([Spec_DesiredState.STARTED, "because"]);
  if (sent.spec !== undefined) sent.spec.desiredState = Spec_DesiredState.STOPPED;
  expect(toBinary(AppSchema, sent)).toEqual(toBinary(AppSchema, read));
  expect(read.spec?.desiredState).toBe(Spec_DesiredState.STOPPED);
});

test("an app that is as it should be is left alone", async () => {
  const { calls, updates } = controlPlane(stopped(7n));
  await switchApp(calls, { ...wanted, wanted: "deactivated" });
  expect(updates).toEqual([]);
});

test("an app that was changed meanwhile is read and switched again", async () => {
  const { calls, updates } = controlPlane(stopped(7n), [Code.Aborted, Code.Aborted]);
  await switchApp(calls, wanted);
  expect(updates).toHaveLength(3);
});

test.each([
  [[Code.Aborted, Code.Aborted, Code.Aborted, Code.Aborted], Code.Aborted, 3],
  [[Code.PermissionDenied], Code.PermissionDenied, 1],
  [[Code.Unavailable], Code.Unavailable, 1],
])("refusals %j end with %s", async (refusals, code, tries) => {
  const { calls, updates } = controlPlane(stopped(7n), refusals);
  await expect(switchApp(calls, wanted)).rejects.toMatchObject({ code });
  expect(updates).toHaveLength(tries);
});

test("an app that is told without a specification is not changed", async () => {
  const { calls, updates } = controlPlane(create(AppSchema));
  await expect(switchApp(calls, wanted)).rejects.toMatchObject({ code: "internal" });
  expect(updates).toEqual([]);
});
