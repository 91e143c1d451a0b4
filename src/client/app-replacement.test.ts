import { clone, create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { plainApp } from "../../test/support/app-spec.ts";
import { type App, AppSchema, Spec_DesiredState } from "../idl/apps.ts";
import { writeCodeBundleUri } from "../values/app-fields.ts";
import { writeUnknownText } from "../values/unknown-fields.ts";
import { toAppMessage } from "./app-message.ts";
import { toReplacement } from "./app-replacement.ts";
import type { AppSpec } from "./app-spec.ts";

const id = { org: "", project: "p", domain: "d", name: "site" };

const spec: AppSpec = {
  ...plainApp,
  container: { ...plainApp.container, env: { A: "1" }, requests: { cpu: "1" } },
};

/** The app as a control plane tells it after it was created: with what it added itself. */
function told(given: Partial<AppSpec>, added: MessageInitShape<typeof AppSchema> = {}): App {
  const app = toAppMessage({ ...spec, ...given }, id);
  const { spec: addedSpec } = create(AppSchema, added);
  if (app.spec === undefined || app.metadata === undefined) throw new Error("expected an app");
  const ada = { principal: { case: "user" as const, value: { id: { subject: "ada" } } } };
  const own = create(AppSchema, {
    metadata: { id: { ...id, org: "acme" } },
    spec: { creator: ada },
    status: { conditions: [{ message: "up" }] },
  });
  Object.assign(app, { status: own.status });
  Object.assign(app.metadata, { id: own.metadata?.id, revision: 7n });
  Object.assign(app.spec, { creator: own.spec?.creator });
  if (addedSpec?.ingress !== undefined) app.spec.ingress = addedSpec.ingress;
  if (addedSpec?.desiredState) app.spec.desiredState = addedSpec.desiredState;
  return fromBinary(AppSchema, toBinary(AppSchema, app));
}

function wanted(given: Partial<AppSpec> = {}): App {
  return toAppMessage({ ...spec, ...given }, id);
}

const generated = { spec: { ingress: { subdomain: "generated-1", cname: "" } } };

test("an app that is as it should be is not replaced", () => {
  expect(toReplacement(told({}), wanted())).toBeUndefined();
  expect(toReplacement(told({}, generated), wanted())).toBeUndefined();
  expect(toReplacement(told({ labels: { a: "1" } }), wanted())).toBeUndefined();
  // Activating it says so in the older word.
  const { STARTED } = Spec_DesiredState;
  expect(toReplacement(told({}, { spec: { desiredState: STARTED } }), wanted())).toBeUndefined();
  // Neither of these is kept by every control plane.
  expect(toReplacement(told({}), wanted({ codeBundleUri: "s3://b" }))).toBeUndefined();
  const later = told({});
  if (later.spec !== undefined) writeUnknownText(later.spec, 900, "of a later version");
  expect(toReplacement(later, wanted())).toBeUndefined();
});

test("the new description wins, and what it leaves open stays", () => {
  const existing = told({ labels: { team: "ml" } }, generated);
  const next = toReplacement(existing, wanted({ container: { ...spec.container, port: 9000 } }));
  expect(next).toMatchObject({
    metadata: { id: { org: "acme", name: "site" }, revision: 7n, labels: { team: "ml" } },
    spec: {
      creator: { principal: { value: { id: { subject: "ada" } } } },
      ingress: { subdomain: "generated-1" },
      desiredState: Spec_DesiredState.ACTIVE,
    },
    status: { conditions: [{ message: "up" }] },
  });
  const payload = next?.spec?.appPayload;
  expect(payload?.case === "container" && payload.value.ports[0]?.containerPort).toBe(9000);
});

test.each<[string, App, Partial<AppSpec>]>([
  ["an argument", told({}), { container: { ...spec.container, args: ["b.js"] } }],
  ["a variable", told({}), { container: { ...spec.container, env: { A: "2" } } }],
  ["an address", told({}, generated), { subdomain: "mine" }],
  ["a label", told({ labels: { a: "1" } }), { labels: { a: "2" } }],
  ["one label more", told({ labels: { a: "1" } }), { labels: { a: "1", b: "2" } }],
  ["a bundle", told({ codeBundleUri: "s3://a" }), { codeBundleUri: "s3://b" }],
  ["no bundle any more", told({ codeBundleUri: "s3://a" }), {}],
  ["who may come in", told({}), { requiresAuth: false }],
  ["a secret", told({}), { secrets: [{ key: "k" }] }],
  ["the replicas", told({}), { replicas: [1, 1] }],
])("%s is a change", (_, existing, given) => {
  expect(toReplacement(existing, wanted(given))).toBeDefined();
});

test("an app that was switched off is switched on again", () => {
  const stopped = told({}, { spec: { desiredState: Spec_DesiredState.STOPPED } });
  const next = toReplacement(stopped, wanted());
  expect(next?.spec?.desiredState).toBe(Spec_DesiredState.ACTIVE);
});

test("neither of the two is changed by the comparison", () => {
  const [existing, next] = [told({}, generated), wanted({ replicas: [2, 3] })];
  const before = [existing, next].map((app) => clone(AppSchema, app));
  const replacement = toReplacement(existing, next);
  if (replacement?.metadata !== undefined) writeCodeBundleUri(replacement.metadata, "s3://x");
  expect([existing, next]).toEqual(before);
});
