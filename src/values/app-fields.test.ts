import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AppSchema, Status_DeploymentStatus } from "../idl/apps.ts";
import {
  readCodeBundleUri,
  readSubstate,
  substateNames,
  writeCodeBundleUri,
  writeSubstate,
} from "./app-fields.ts";

/** An app with all that the IDL lacks, as it comes from the wire. */
function sent(uri: string, substate: number) {
  const app = create(AppSchema, {
    metadata: { id: { name: "site" }, labels: { team: "ml" } },
    status: { conditions: [{ deploymentStatus: Status_DeploymentStatus.ACTIVE }] },
  });
  const [condition] = app.status?.conditions ?? [];
  if (app.metadata === undefined || condition === undefined) throw new Error("expected both");
  writeCodeBundleUri(app.metadata, "written before");
  writeCodeBundleUri(app.metadata, uri);
  writeSubstate(condition, substate);
  const received = fromBinary(AppSchema, toBinary(AppSchema, app));
  const [read] = received.status?.conditions ?? [];
  if (received.metadata === undefined || read === undefined) throw new Error("expected both");
  return { metadata: received.metadata, condition: read };
}

test("what the IDL lacks is read as it was written, beside what it has", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }),
      fc.nat(substateNames.length - 1),
      (uri, substate) => {
        const { metadata, condition } = sent(uri, substate);
        expect(readCodeBundleUri(metadata)).toBe(uri);
        expect(metadata.labels).toEqual({ team: "ml" });
        expect(readSubstate(condition)).toBe(substateNames[substate]);
        expect(condition.deploymentStatus).toBe(Status_DeploymentStatus.ACTIVE);
      },
    ),
  );
});

test("a substate this version does not know, and one that is absent, is unspecified", () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (substate) => {
      const known = substateNames[substate] ?? "unspecified";
      expect(readSubstate(sent("file:///a", substate).condition)).toBe(known);
    }),
  );
  const { conditions } = create(AppSchema, { status: { conditions: [{}] } }).status ?? {};
  expect(conditions?.map(readSubstate)).toEqual(["unspecified"]);
});

test("a bundle that is not told, or told as nothing, is none", () => {
  expect(readCodeBundleUri(sent("", 0).metadata)).toBeUndefined();
  const { metadata } = create(AppSchema, { metadata: {} });
  expect(metadata && readCodeBundleUri(metadata)).toBeUndefined();
});
