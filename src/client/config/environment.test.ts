import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../../shared/errors.ts";
import { readEnvironment } from "./environment.ts";

test.each([
  ["true", true],
  ["TRUE", true],
  ["1", true],
  ["yes", true],
  ["false", false],
  ["False", false],
  [" 0 ", false],
  ["off", false],
])("the text %j is really parsed to %j", (text, value) => {
  expect(readEnvironment({ FLYTE_ADMIN_INSECURE: text })).toEqual({ insecure: value });
});

test("an empty variable counts as not set", () => {
  expect(readEnvironment({ FLYTE_ADMIN_INSECURE: "", FLYTE_ENDPOINT: "  " })).toEqual({});
});

test.each([
  [{ _U_EP_OVERRIDE: "a", FLYTE_ENDPOINT: "b", FLYTE_ADMIN_ENDPOINT: "c" }, { endpoint: "a" }],
  [{ FLYTE_ENDPOINT: "b", FLYTE_ADMIN_ENDPOINT: "c" }, { endpoint: "b" }],
  [{ FLYTE_ADMIN_ENDPOINT: "c" }, { endpoint: "c" }],
  [{ _U_ORG_NAME: "a", FLYTE_TASK_ORG: "b" }, { org: "a" }],
  [{ FLYTE_INTERNAL_EXECUTION_PROJECT: "a", FLYTE_TASK_PROJECT: "b" }, { project: "a" }],
  [{ FLYTE_INTERNAL_EXECUTION_DOMAIN: "a", FLYTE_TASK_DOMAIN: "b" }, { domain: "a" }],
  [{ _U_INSECURE: "1" }, { insecure: true, allowPlaintext: true }],
  [{ FLYTE_ADMIN_INSECURE: "1" }, { insecure: true }],
  [{ _U_INSECURE_SKIP_VERIFY: "true" }, { insecureSkipVerify: true }],
])("%j gives %j", (env, settings) => {
  expect(readEnvironment(env)).toEqual(settings);
});

test("lists are JSON arrays or words, maps are JSON objects", () => {
  expect(
    readEnvironment({
      FLYTE_ADMIN_COMMAND: '["get token", "--now"]',
      FLYTE_ADMIN_SCOPES: "all  offline",
      FLYTE_IMAGE_IMAGE_REFS: '{"base": "registry/base:1"}',
    }),
  ).toEqual({
    command: ["get token", "--now"],
    scopes: ["all", "offline"],
    imageRefs: { base: "registry/base:1" },
  });
});

test.each([
  ["FLYTE_ADMIN_INSECURE", "maybe", "true or false"],
  [
    "FLYTE_ADMIN_AUTHTYPE",
    "pkce",
    "one of Pkce, ClientSecret, ExternalCommand, DeviceFlow, Passthrough",
  ],
  ["FLYTE_ADMIN_COMMAND", "[1]", "a list of texts"],
  ["FLYTE_ADMIN_COMMAND", "[", "a list of texts"],
  ["FLYTE_IMAGE_IMAGE_REFS", "[]", "a map of texts"],
  ["FLYTE_ENDPOINT", "a\nb", "text"],
])("%s=%j is refused by name and rule, without its value", (name, text, rule) => {
  expect(() => readEnvironment({ [name]: text })).toThrow(
    `Environment variable ${name} is not valid: expected ${rule}`,
  );
});

test("no environment makes it throw anything but our error", () => {
  const names = fc.constantFrom(
    "FLYTE_ADMIN_INSECURE",
    "FLYTE_ADMIN_COMMAND",
    "FLYTE_ENDPOINT",
    "FLYTE_IMAGE_IMAGE_REFS",
  );
  fc.assert(
    fc.property(fc.dictionary(names, fc.oneof(fc.string(), fc.json())), (env) => {
      try {
        readEnvironment(env);
      } catch (error) {
        expect(FlyteError.is(error) && error.code).toBe("invalid_config");
      }
    }),
  );
});
