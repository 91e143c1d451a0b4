import { expect, test } from "vitest";
import { checkDeployOptions } from "./deploy-options.ts";

test("values of parameters are for serving, not for deploying", () => {
  const options = { parameterValues: { app: { size: "large" } } };
  expect(() => checkDeployOptions(options as object)).toThrow(/no option "parameterValues"/);
});
