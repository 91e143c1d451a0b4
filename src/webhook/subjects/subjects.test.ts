import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ControlPlaneStub } from "../../../test/support/control-plane-stub.ts";
import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import { createControlPlane } from "../../client/create-control-plane.ts";
import { createSubjects } from "./subjects.ts";

let stub: ControlPlaneStub;
let controlPlane: ControlPlane;

beforeAll(async () => {
  stub = await ControlPlaneStub.start();
  controlPlane = createControlPlane({ endpoint: stub.url, retries: 0 });
});
afterEach(() => stub.reset());
afterAll(async () => {
  await controlPlane.close();
  await stub[Symbol.asyncDispose]();
});

const bearer = (token: string): AuthMetadata => [["authorization", `Bearer ${token}`]];
const fails = (code: Code): void => {
  stub.failures.set("userInfo", new ConnectError("not now", code));
};

test("asks once for each credential, however many ask at once", async () => {
  const subjects = createSubjects(controlPlane);
  const asked = ["ann", "ann", "bob", "ann"].map((token) => subjects.subjectOf(bearer(token)));
  expect((await Promise.all(asked)).map(({ subject }) => subject)).toEqual([
    "Bearer ann",
    "Bearer ann",
    "Bearer bob",
    "Bearer ann",
  ]);
  await subjects.subjectOf(bearer("bob"));
  expect(stub.takeMethods()).toEqual(["userInfo", "userInfo"]);
});

test("tells credentials apart by every header", async () => {
  const subjects = createSubjects(controlPlane);
  await subjects.subjectOf(bearer("ann"));
  await subjects.subjectOf([...bearer("ann"), ["cookie", "a=1"]]);
  await subjects.subjectOf([["cookie", "a=1"]]);
  expect(stub.takeMethods()).toHaveLength(3);
});

test("asks again when the answer is old, or was pushed out", async () => {
  let now = 1_000;
  const subjects = createSubjects(controlPlane, { ttlMs: 100, most: 2, now: () => now });
  await subjects.subjectOf(bearer("ann"));
  now = 1_099;
  await subjects.subjectOf(bearer("ann"));
  expect(stub.takeMethods()).toHaveLength(1);
  now = 1_101;
  await subjects.subjectOf(bearer("ann"));
  expect(stub.takeMethods()).toHaveLength(1);
  await subjects.subjectOf(bearer("bob"));
  await subjects.subjectOf(bearer("cid"));
  await subjects.subjectOf(bearer("ann"));
  expect(stub.takeMethods()).toHaveLength(3);
});

test.each([
  ["unavailable", Code.Unavailable],
  ["unauthenticated", Code.Unauthenticated],
  ["permission_denied", Code.PermissionDenied],
] as const)("passes %s on and forgets it", async (code, rpcCode) => {
  const subjects = createSubjects(controlPlane);
  fails(rpcCode);
  await expect(subjects.subjectOf(bearer("ann"))).rejects.toMatchObject({ code });
  stub.failures.clear();
  expect(await subjects.subjectOf(bearer("ann"))).toEqual({ subject: "Bearer ann", name: "Ada" });
});

test("knows nobody where the control plane has no users", async () => {
  const subjects = createSubjects(controlPlane);
  fails(Code.Unimplemented);
  expect(await subjects.subjectOf(bearer("ann"))).toEqual({ subject: undefined, name: "" });
  expect(await subjects.subjectOf(bearer("ann"))).toEqual({ subject: undefined, name: "" });
  expect(stub.takeMethods()).toHaveLength(1);
});

test("does not take a service that is away for one that was never there", async () => {
  const subjects = createSubjects(controlPlane);
  await subjects.subjectOf(bearer("ann"));
  fails(Code.Unimplemented);
  await expect(subjects.subjectOf(bearer("bob"))).rejects.toMatchObject({ code: "unavailable" });
});

test("shows no credential in its errors", async () => {
  const { subjectOf } = createSubjects(controlPlane);
  await expect(subjectOf([["authorization", "planted\nsecret"]])).rejects.toSatisfy(
    (error) => error instanceof Error && !error.message.includes("planted"),
  );
});
