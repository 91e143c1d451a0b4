import { expect, test } from "vitest";

/** What each entry offers at run time. A change here is a change of the public interface. */
test.each([
  [
    "flyte-webhook",
    () => import("../src/index.ts"),
    [
      "FlyteError",
      "Image",
      "authMetadata",
      "authorizationExtractor",
      "build",
      "closeControlPlane",
      "cookieExtractor",
      "createControlPlane",
      "createWebhook",
      "currentControlPlane",
      "currentDomain",
      "currentProject",
      "headerExtractor",
      "honoPassthrough",
      "init",
      "initFromApiKey",
      "initFromConfig",
      "initInCluster",
      "initPassthrough",
      "passthroughAuth",
      "passthroughMiddleware",
      "problemDocument",
      "remote",
      "run",
      "withPassthrough",
    ],
  ],
  [
    "flyte-webhook/tasks",
    () => import("../src/tasks/index.ts"),
    [
      "NonRecoverableError",
      "UserError",
      "createTaskContext",
      "defineTask",
      "isTask",
      "readFile",
      "readText",
      "t",
    ],
  ],
  ["flyte-webhook/devbox", () => import("../src/devbox/index.ts"), ["startDevbox"]],
])("%s exports what it promises and nothing else", async (_, load, names) => {
  expect(Object.keys(await load()).sort()).toEqual(names);
});
