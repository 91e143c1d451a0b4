import { afterAll, beforeAll, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import type { Spec_DesiredState } from "../../src/idl/apps.ts";
import { type AppOptions, appId, appNamed, connectApps, given } from "../support/devbox-apps.ts";

/** What no app may be: each is refused with the place of the fault, and nothing is stored. */
let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
});

afterAll(() => devbox?.close());

const alice = () => connectApps(devbox, "alice").apps;

type Sent = Parameters<ReturnType<typeof alice>["create"]>[0]["app"];

const label =
  "app.metadata.id.name: must consist of lower case letters, digits and hyphens, begin and end with a letter or digit, and have at most 63 characters";

const names: readonly (readonly [name: string, fault: string])[] = [
  ["", "app.metadata.id.name is required"],
  ["Upper", label],
  ["under_score", label],
  ["-begins", label],
  ["ends-", label],
  ["dot.ted", label],
  ["a/b", label],
  ["..", label],
  ["k\u{f6}ln", label],
  ["\u{1f600}", label],
  ["sp ace", label],
  ["__proto__", label],
  ["a\0b", "app.metadata.id.name must have at most 63 characters and no control characters"],
  ["a\nb", "app.metadata.id.name must have at most 63 characters and no control characters"],
  [
    "x".repeat(64),
    "app.metadata.id.name must have at most 63 characters and no control characters",
  ],
];

test.each(names)("the name %j is none", async (name, fault) => {
  await expect(alice().create({ app: appNamed(name) })).rejects.toThrow(
    `[invalid_argument] ${fault}`,
  );
});

const places: readonly (readonly [place: AppOptions, fault: string])[] = [
  [{ project: "" }, "[invalid_argument] app.metadata.id.project is required"],
  [{ domain: "" }, "[invalid_argument] app.metadata.id.domain is required"],
  [{ project: "absent" }, '[not_found] project "absent" not found'],
  [
    { domain: "moon" },
    "[invalid_argument] app.metadata.id.domain: must be one of development, staging, production",
  ],
  [
    { domain: "*" },
    "[invalid_argument] app.metadata.id.domain: must be one of development, staging, production",
  ],
  [{ project: "../x" }, '[not_found] project "../x" not found'],
  [
    { project: "x".repeat(64) },
    "[invalid_argument] app.metadata.id.project must have at most 63 characters and no control characters",
  ],
];

test.each(places)("no app can be at %j", async (place, fault) => {
  await expect(alice().create({ app: appNamed("x", place) })).rejects.toThrow(fault);
});

function container(value: object): AppOptions {
  return { spec: { appPayload: { case: "container", value: { command: ["true"], ...value } } } };
}

const noPayload = "app.spec: the devbox runs containers; give app.spec.container with a command";
const noCommand =
  "app.spec.container: the devbox has no images and runs the command and args; give at least one";
const badVariable =
  "app.spec.container.env[0]: a variable's name must not be empty or have `=` or control characters";
const badHost =
  "app.spec.ingress.cname: must be a host name without scheme, port and path, for example app.example.com";
const badPort = "app.spec.container.ports[0]: container_port must be between 1 and 65535";
const replicas = (min: number, max: number): AppOptions => ({
  spec: { autoscaling: { replicas: { min, max } } },
});
const cname = (name: string): AppOptions => ({ spec: { ingress: { cname: name } } });

const specs: readonly (readonly [what: string, options: AppOptions, fault: string])[] = [
  ["no payload", { spec: { appPayload: { case: undefined } } }, noPayload],
  [
    "a pod",
    { spec: { appPayload: { case: "pod", value: {} } } },
    "app.spec: the devbox runs containers only, not pods; give app.spec.container with a command",
  ],
  ["no command", container({ command: [] }), noCommand],
  [
    "an empty program",
    container({ command: [""] }),
    "app.spec.container: the program, first of command and args, must not be empty",
  ],
  [
    "NUL in an argument",
    container({ args: ["a", "b\0c"] }),
    "app.spec.container.args[1]: must not have a NUL character",
  ],
  [
    "NUL in the command",
    container({ command: ["\0"] }),
    "app.spec.container.command[0]: must not have a NUL character",
  ],
  [
    "a huge argument",
    container({ args: ["x".repeat(131_072)] }),
    "app.spec.container.args[0]: must have at most 131071 bytes",
  ],
  [
    "an argument of long characters",
    container({ args: ["\u{1f600}".repeat(32_768)] }),
    "app.spec.container.args[0]: must have at most 131071 bytes",
  ],
  ["a variable without a name", container({ env: [{ key: "", value: "x" }] }), badVariable],
  ["a variable with =", container({ env: [{ key: "A=B", value: "x" }] }), badVariable],
  ["a variable with NUL", container({ env: [{ key: "A\0", value: "x" }] }), badVariable],
  [
    "NUL in a variable",
    container({ env: [{ key: "A", value: "\0" }] }),
    "app.spec.container.env[0]: must not have a NUL character",
  ],
  [
    "a huge variable",
    container({ env: [{ key: "A", value: "x".repeat(131_070) }] }),
    "app.spec.container.env[0]: must have at most 131071 bytes",
  ],
  ["port 0", container({ ports: [{ containerPort: 0 }] }), badPort],
  ["port 65536", container({ ports: [{ containerPort: 65_536 }] }), badPort],
  [
    "two ports",
    container({ ports: [{ containerPort: 1 }, { containerPort: 2 }] }),
    "app.spec.container.ports: an app has one port",
  ],
  [
    "fewer at most than at least",
    replicas(3, 2),
    "app.spec.autoscaling.replicas: min 3 is more than max 2",
  ],
  [
    "too many replicas",
    replicas(0, 101),
    "app.spec.autoscaling.replicas: the devbox runs at most 100 replicas of an app",
  ],
  [
    "a metric of nothing",
    { spec: { autoscaling: { scalingMetric: { metric: { case: "concurrency", value: {} } } } } },
    "app.spec.autoscaling.scaling_metric: target_value must be at least 1",
  ],
  [
    "a negative wait",
    { spec: { autoscaling: { scaledownPeriod: { seconds: -1n } } } },
    "app.spec.autoscaling.scaledown_period: must not be negative",
  ],
  [
    "more than an hour",
    { spec: { timeouts: { requestTimeout: { seconds: 3601n } } } },
    "app.spec.timeouts.request_timeout: must be between 0 and one hour",
  ],
  [
    "less than no time",
    { spec: { timeouts: { requestTimeout: { nanos: -1 } } } },
    "app.spec.timeouts.request_timeout: must be between 0 and one hour",
  ],
  [
    "an unknown state",
    { state: 99 as Spec_DesiredState },
    "app.spec.desired_state: 99 is not one of DESIRED_STATE_UNSPECIFIED, DESIRED_STATE_STOPPED, DESIRED_STATE_STARTED, DESIRED_STATE_ACTIVE",
  ],
  ["a domain with a scheme", cname("https://x.com"), badHost],
  ["a domain with a port", cname("x.com:80"), badHost],
  ["a domain with a path", cname("x.com/y"), badHost],
  ["a domain with a line break", cname("x.com\n"), badHost],
  ["a domain of dots", cname("a..b"), badHost],
  // Cookies know no ports: such an app would share them with the control plane and the webhook.
  ["this machine by name", cname("localhost"), badHost],
  ["this machine by address", cname("127.0.0.1"), badHost],
  ["this machine by another address", cname("127.0.0.0x1"), badHost],
  [
    "a domain below localhost",
    cname("other-flytesnacks-production.LOCALHOST"),
    "app.spec.ingress.cname: must not be below localhost; give a subdomain",
  ],
  [
    "an address of apps elsewhere",
    { spec: { ingress: { subdomain: "pay-flytesnacks-production" } } },
    "app.spec.ingress.subdomain: is an address for apps of flytesnacks/production; choose another",
  ],
  ["an endless domain", cname(`${"a.".repeat(127)}com`), badHost],
  [
    "a dotted subdomain",
    { spec: { ingress: { subdomain: "a.b" } } },
    label.replace("app.metadata.id.name", "app.spec.ingress.subdomain"),
  ],
];

test.each(specs)("%s is refused, in new apps and in changes", async (_, options, fault) => {
  const refused = `[invalid_argument] ${fault}`;
  await expect(alice().create({ app: appNamed("refused", options) })).rejects.toThrow(refused);
  const { app } = await alice().create({ app: appNamed("changed") });
  await expect(alice().update({ app: appNamed("changed", options) })).rejects.toThrow(refused);
  const { apps } = await alice().list({});
  expect(apps.map((each) => each.metadata)).toEqual([given(app?.metadata)]);
});

test("all faults are told at once", async () => {
  const options = container({ args: ["\0"], env: [{ key: "", value: "" }], ports: [{}, {}] });
  await expect(alice().create({ app: appNamed("x", options) })).rejects.toThrow(
    `[invalid_argument] app.spec.container.args[0]: must not have a NUL character; ${badVariable}; app.spec.container.ports: an app has one port`,
  );
});

test("an app of more than a megabyte is refused", async () => {
  const args = Array.from({ length: 9 }, () => "x".repeat(120_000));
  await expect(alice().create({ app: appNamed("x", { args }) })).rejects.toThrow(
    /^\[invalid_argument\] app has 1080\d+ bytes; at most 1048576 can be stored$/,
  );
});

const incomplete: readonly (readonly [what: string, app: Sent, fault: string])[] = [
  ["no app", undefined, "app is required"],
  ["no metadata", { spec: {} }, "app.metadata.id is required"],
  ["no id", { metadata: {}, spec: {} }, "app.metadata.id is required"],
  ["no spec", { metadata: { id: appId("x") } }, "app.spec is required"],
];

test.each(incomplete)("%s is refused", async (_, app, fault) => {
  const request = app === undefined ? {} : { app };
  const refused = `[invalid_argument] ${fault}`;
  await expect(alice().create(request)).rejects.toThrow(refused);
  await expect(alice().update(request)).rejects.toThrow(refused);
});

test("what is asked for has to be named", async () => {
  await expect(alice().get({})).rejects.toThrow("[invalid_argument] app_id is required");
  await expect(alice().delete({})).rejects.toThrow("[invalid_argument] app_id is required");
});
