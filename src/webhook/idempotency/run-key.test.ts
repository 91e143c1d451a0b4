import "../../../test/support/property-seed.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type KeyOwner, ownerOf, type RunKey, toFingerprint, toRunName } from "./run-key.ts";

/** Few letters, so that parts would meet if their borders could be mistaken. */
const part = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", ",", '"', "/", "\\", "[", "]", "\u0000"), maxLength: 4 }),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const owner: fc.Arbitrary<KeyOwner> = fc.oneof(
  part.map((subject) => ({ kind: "user", subject }) as const),
  part.map((hash) => ({ kind: "credential", hash }) as const),
  part.map((name) => ({ kind: "hook", name }) as const),
);
const runKey: fc.Arbitrary<RunKey> = fc.record({
  webhook: part,
  owner,
  target: part,
  project: part,
  domain: part,
  key: part,
});

test("every name is one that a control plane takes, and the same each time", () => {
  fc.assert(
    fc.property(runKey, (key) => {
      const name = toRunName(key);
      expect(name).toMatch(/^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$/);
      expect(toRunName(structuredClone(key))).toBe(name);
    }),
  );
});

test("two keys that differ anywhere have two names", () => {
  fc.assert(
    fc.property(runKey, runKey, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(toRunName(one)).not.toBe(toRunName(other));
    }),
  );
});

test("what moves from one part to the next changes the name", () => {
  const all = fc.tuple(part, part, part, part, part);
  fc.assert(
    fc.property(all, fc.nat(4), fc.nat(4), (texts, from, to) => {
      const [first = ""] = texts[from] ?? "";
      fc.pre(from !== to && first !== "");
      const moved = [...texts];
      moved[from] = (texts[from] ?? "").slice(first.length);
      moved[to] = `${moved[to]}${first}`;
      fc.pre(moved.some((text, index) => text !== texts[index]));
      expect(toRunName(toKey(moved))).not.toBe(toRunName(toKey(texts)));
    }),
  );
});

function toKey([
  webhook = "",
  target = "",
  project = "",
  domain = "",
  key = "",
]: readonly string[]) {
  return {
    webhook,
    owner: { kind: "user", subject: "ann" },
    target,
    project,
    domain,
    key,
  } as const;
}

test("names stay the same from one version to the next", () => {
  const key = toKey(["webhook", "task development/flytesnacks/a", "p", "d", "k"]);
  expect(toRunName(key)).toBe("ie89003f56579cdf3d0f9d17884775");
  expect(toFingerprint({ x: 1 })).toBe(
    "d1ac29f4d05de715165adc5d4fd9824797722f79f7e53cc17f135c7133cd",
  );
});

test("keys belong to the user, and to the credential only where nobody knows one", () => {
  const known = { subject: "ann", name: "Ann" };
  const unknown = { subject: undefined, name: "" };
  const token = (text: string) => [["authorization", `Bearer ${text}`]] as const;
  expect(ownerOf(known, token("one"))).toEqual(ownerOf(known, token("two")));
  const one = ownerOf(unknown, token("one"));
  expect(one).not.toEqual(ownerOf(unknown, token("two")));
  expect(one).toEqual(ownerOf(unknown, token("one")));
  expect(JSON.stringify(one)).not.toContain("one");
});
