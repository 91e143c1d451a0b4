import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { AppSchema } from "../../idl/apps.ts";
import type { AppRow } from "../store/apps.ts";
import { toReplicaCommand } from "./app-environment.ts";
import { readPlan } from "./app-plan.ts";

const context = {
  host: { PATH: "/bin" },
  controlPlaneUrl: "http://127.0.0.1:30080",
  endpointPattern: "http://{app_fqdn}-p-d.localhost:30081",
  secrets: { KEY: "hush" },
  port: 4321,
  rawDataPrefix: "file:///data",
  token: "t",
};

function row(command: string[], env: Record<string, string> = {}): AppRow {
  const value = { command, env: Object.entries(env).map(([key, value]) => ({ key, value })) };
  const app = create(AppSchema, { spec: { appPayload: { case: "container", value } } });
  return {
    ...{ id: 1, project: "p", domain: "d", name: "n", revision: 1 },
    ...{ reason: "", created_by: "", changed_by: "", created_at: 0, updated_at: 0 },
    app: toBinary(AppSchema, app),
  };
}

test("a replica gets the visible part of the host, Flyte's variables, secrets and its own", () => {
  const plan = readPlan(row(["x"], { URL: "http://h:$(PORT)/$(KEY)", _U_ORG_NAME: "mine" }));
  expect(toReplicaCommand(plan, context).env).toEqual({
    PATH: "/bin",
    _U_EP_OVERRIDE: "127.0.0.1:30080",
    _U_INSECURE: "true",
    _U_ORG_NAME: "mine",
    FLYTE_INTERNAL_EXECUTION_PROJECT: "p",
    FLYTE_INTERNAL_EXECUTION_DOMAIN: "d",
    INTERNAL_APP_ENDPOINT_PATTERN: "http://{app_fqdn}-p-d.localhost:30081",
    FLYTE_APP_HOST: "127.0.0.1",
    KEY: "hush",
    URL: "http://h:4321/hush",
    PORT: "4321",
    FLYTE_WEBHOOK_PROCESS: "t",
  });
});

test("neither PORT nor a secret nor the token can be given another value", () => {
  const env = { PORT: "1", KEY: "known", FLYTE_WEBHOOK_PROCESS: "other" };
  const command = toReplicaCommand(readPlan(row(["x"], env)), context);
  expect(command.env).toMatchObject({ PORT: "4321", KEY: "hush", FLYTE_WEBHOOK_PROCESS: "t" });
});

test("arguments name variables of the container and the folder for data, not those of the host", () => {
  const plan = readPlan(
    row(["run", "$(PORT)", "$(PATH)", "$$(A)", "{{.rawOutputDataPrefix}}/$(A)"], {
      A: "{{.rawOutputDataPrefix}}",
    }),
  );
  expect(toReplicaCommand(plan, context).argv).toEqual([
    "run",
    "4321",
    "$(PATH)",
    "$(A)",
    "file:///data/{{.rawOutputDataPrefix}}",
  ]);
});
