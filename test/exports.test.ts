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
      "build",
      "closeControlPlane",
      "createControlPlane",
      "createWebhook",
      "currentControlPlane",
      "currentDomain",
      "currentProject",
      "headerExtractor",
      "init",
      "initFromApiKey",
      "initFromConfig",
      "initInCluster",
      "initPassthrough",
      "passthroughAuth",
      "problemDocument",
      "remote",
      "run",
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
