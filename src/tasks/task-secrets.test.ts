import { expect, test } from "vitest";
import { Secret_MountType } from "../idl/security.ts";
import { defineTask } from "./define-task.ts";
import { toTaskSpec } from "./task-spec.ts";

const where = { project: "p", domain: "d", version: "v", bundleUri: "file:///b" };

test("secrets are deployed as the SDKs have them", () => {
  const task = defineTask(
    {
      name: "x.y",
      secrets: [
        "my-key",
        { key: "password", group: "db" },
        { key: "k", asEnvVar: "OWN" },
        { key: "cert", mount: "/etc/flyte/secrets" },
        // As an object of the class Secret is.
        { key: "of-app", group: undefined, asEnvVar: "OF_APP", mount: undefined },
      ],
    },
    () => ({}),
  );
  const { secrets } = toTaskSpec(task, where).taskTemplate?.securityContext ?? {};
  const variable = Secret_MountType.ENV_VAR;
  expect(
    secrets?.map(({ key, group, envVar, mountRequirement }) => [
      key,
      group,
      envVar,
      mountRequirement,
    ]),
  ).toEqual([
    ["my-key", "", "MY_KEY", variable],
    ["password", "db", "DB_PASSWORD", variable],
    ["k", "", "OWN", variable],
    ["cert", "", "", Secret_MountType.FILE],
    ["of-app", "", "OF_APP", variable],
  ]);
});

test("a task without secrets has no security context", () => {
  const task = defineTask({ name: "x.y" }, () => ({}));
  expect(toTaskSpec(task, where).taskTemplate?.securityContext).toBeUndefined();
});

test("every fault of the secrets is told at once", () => {
  const secrets = [
    "../x",
    { key: "a", group: "b/c" },
    { key: "b", mount: "/tmp" },
    { key: "c", mount: "/etc/flyte/secrets", asEnvVar: "C" },
    { key: "d", asEnvVar: "lower" },
    "1st",
  ];
  expect(() => defineTask({ name: "x.y", secrets }, () => ({}))).toThrow(
    /secret "\.\.\/x" must be.*"a" has a group.*"b" can be mounted.*"c" cannot be both.*"d".*"lower".*"1st".*asEnvVar/,
  );
});
