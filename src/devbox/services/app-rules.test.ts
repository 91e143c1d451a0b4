import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AppSchema } from "../../idl/apps.ts";
import { FlyteError } from "../../shared/errors.ts";
import { checkAppKey, checkAppSpec } from "./app-rules.ts";

const text = fc.string({ unit: "binary", maxLength: 20 });
const container = fc.record({
  command: fc.array(text, { maxLength: 3 }),
  args: fc.array(text, { maxLength: 3 }),
  env: fc.array(fc.record({ key: text, value: text }), { maxLength: 3 }),
  ports: fc.array(fc.record({ containerPort: fc.nat(2 ** 32 - 1) }), { maxLength: 2 }),
});
const duration = fc.record({
  seconds: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  nanos: fc.integer(),
});

/** Whether it passes; anything but our own refusal fails the test. */
function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "invalid_input") throw error;
    expect(error.message).not.toMatch(/undefined|\[object/);
    return false;
  }
}

test("what passes can be given to a process", () => {
  fc.assert(
    fc.property(container, (value) => {
      const app = create(AppSchema, { spec: { appPayload: { case: "container", value } } });
      const texts = [...value.command, ...value.args, ...value.env.map((each) => each.value)];
      const isSound =
        (value.command[0] ?? value.args[0] ?? "") !== "" &&
        !texts.some((each) => each.includes("\0")) &&
        value.env.every(({ key }) => key !== "" && !/[=\p{Cc}]/u.test(key)) &&
        value.ports.length < 2 &&
        value.ports.every(({ containerPort: port }) => port > 0 && port < 65_536);
      expect(passes(() => checkAppSpec(app, 1000))).toBe(isSound);
    }),
  );
});

test("any other part of a specification passes or is refused", () => {
  fc.assert(
    fc.property(duration, duration, text, text, fc.nat(200), fc.nat(200), (...given) => {
      const [scaledownPeriod, requestTimeout, subdomain, cname, min, max] = given;
      const app = create(AppSchema, {
        spec: {
          appPayload: { case: "container", value: { command: ["true"] } },
          autoscaling: { replicas: { min, max }, scaledownPeriod },
          ingress: { subdomain, cname },
          timeouts: { requestTimeout },
        },
      });
      if (!passes(() => checkAppSpec(app, 1000))) return;
      expect(min <= max && max <= 100).toBe(true);
      const { seconds, nanos } = requestTimeout;
      expect(seconds >= 0n && seconds * 1_000_000_000n + BigInt(nanos) <= 3_600_000_000_000n).toBe(
        true,
      );
      expect(`${subdomain}${cname}`).toMatch(/^[a-zA-Z0-9.-]*$/);
    }),
  );
});

test("a name that passes is one label of a host name", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "-", "1", "A", ".", "_", "\n") }),
      (name) => {
        const isLabel = passes(() => checkAppKey({ project: "p", domain: "development", name }));
        const url = `http://${name}.localhost/`;
        if (isLabel) expect(new URL(url).hostname).toBe(`${name}.localhost`);
      },
    ),
  );
});
