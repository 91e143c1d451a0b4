import { expect, test } from "vitest";
import { hostEnvironment, toEnvironment } from "./environment.ts";
import type { AttemptRequest } from "./executor.ts";

const request: AttemptRequest = {
  org: "",
  project: "flytesnacks",
  domain: "development",
  run: "rabc",
  action: "a0",
  attempt: 3,
  task: { project: "lib", domain: "production", name: "env.train", version: "v1" },
  argv: ["a0"],
  env: { PATH: "/mine", COLOR: "blue", RUN_NAME: "forged", _U_EP_OVERRIDE: "evil:1" },
  inputsUri: "file:///s/inputs.pb",
  runBase: "file:///s/rabc",
  runStartTime: new Date(0),
};
const host = hostEnvironment({
  PATH: "/bin",
  HOME: "/home/me",
  LC_ALL: "C",
  FLYTE_API_KEY: "k",
  UCTL_CONFIG: "c",
  AWS_SECRET_ACCESS_KEY: "s",
});

test("the task sees its own variables, the allowed ones of the host and no secret of the host", () => {
  const env = toEnvironment(request, { host, controlPlaneUrl: "http://127.0.0.1:30080" });
  expect(env).toMatchObject({ PATH: "/mine", COLOR: "blue", HOME: "/home/me", LC_ALL: "C" });
  expect(Object.values(env)).not.toContain("k");
  expect(Object.values(env)).not.toContain("s");
  expect(env).not.toHaveProperty("UCTL_CONFIG");
});

test("the variables of Flyte's runtime are set and cannot be overridden", () => {
  expect(toEnvironment(request, { host, controlPlaneUrl: "https://flyte.example" })).toMatchObject({
    RUN_NAME: "rabc",
    ACTION_NAME: "a0",
    _U_RUN_BASE: "file:///s/rabc",
    _U_ORG_NAME: "local",
    _U_EP_OVERRIDE: "flyte.example",
    _U_INSECURE: "false",
    _U_USE_ACTIONS: "1",
    FLYTE_ATTEMPT_NUMBER: "2",
    FLYTE_INTERNAL_EXECUTION_ID: "rabc",
    FLYTE_INTERNAL_EXECUTION_PROJECT: "flytesnacks",
    FLYTE_INTERNAL_TASK_PROJECT: "lib",
    FLYTE_INTERNAL_NAME: "env.train",
    FSSPEC_FILE_AUTO_MKDIR: "true",
    _F_PN: "rabc-a0-2",
  });
});

test("a token goes to the control plane by the SDKs' own ways, unless the task has another credential", () => {
  const options = { host, controlPlaneUrl: "http://127.0.0.1:30080" };
  expect(toEnvironment(request, options)).not.toHaveProperty("FLYTE_AUTH_TYPE");
  const env = { ...request.env, FLYTE_TASK_TOKEN: "forged" };
  expect(toEnvironment({ ...request, env, token: "fwa_1_1_x" }, options)).toMatchObject({
    FLYTE_TASK_TOKEN: "fwa_1_1_x",
    FLYTE_AUTH_TYPE: "ExternalCommand",
    FLYTE_AUTH_COMMAND: '["printenv","FLYTE_TASK_TOKEN"]',
    _U_EP_OVERRIDE: "http://127.0.0.1:30080",
    _U_INSECURE: "false",
  });
  const own = { ...request.env, FLYTE_AUTH_TYPE: "ClientSecret" };
  const { FLYTE_AUTH_TYPE } = toEnvironment({ ...request, env: own, token: "x" }, options);
  expect(FLYTE_AUTH_TYPE).toBe("ClientSecret");
});
