import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import { compilePrefetchAllowlist } from "./prefetch-allowlist.ts";

describe("without a list", () => {
  const all = compilePrefetchAllowlist(undefined);

  test("every model and every secret is allowed", () => {
    expect([all.isGiven, all.allowsModel("any/model"), all.allowsSecret("ANY")]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

test("an empty list allows no model, and the token's own secret alone", () => {
  const none = compilePrefetchAllowlist([]);
  expect([none.isGiven, none.allowsModel("org/model")]).toEqual([true, false]);
  expect([none.allowsSecret("HF_TOKEN"), none.allowsSecret("DB_PASSWORD")]).toEqual([true, false]);
});

test.each([
  ["org/*", "org/model", true],
  ["org/*", "org/some.model-7B", true],
  ["org/*", "organisation/model", false],
  ["org/*", "org", false],
  ["org*/*", "organisation/model", true],
  ["*/model", "org/model", true],
  ["*/model", "org/model-2", false],
  ["*", "gpt2", true],
  ["*", "org/model", false],
  ["gpt2", "gpt2", true],
  ["gpt2", "evil/gpt2", false],
  ["gpt2", "gpt2/evil", false],
  ["org/model", "org/model", true],
  ["org/model", "Org/Model", false],
  ["org/llama-*-chat", "org/llama-7b-chat", true],
])("%s means %s: %s", (entry, repo, allowed) => {
  expect(compilePrefetchAllowlist([entry]).allowsModel(repo)).toBe(allowed);
});

test("secrets are named one by one", () => {
  const list = compilePrefetchAllowlist(["org/*", "secret:TEAM_TOKEN"]);
  expect(["TEAM_TOKEN", "HF_TOKEN", "team_token", "TEAM", "*"].map(list.allowsSecret)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(list.allowsModel("secret:TEAM_TOKEN")).toBe(false);
});

test.each([
  "",
  "/",
  "org/",
  "/model",
  "a/b/c",
  "../x",
  "org/**/x",
  "secret:",
  "secret:*",
  "secret:a b",
  "https://huggingface.co/org/model",
  "org/model ",
  "org/m\n",
  7,
  null,
])("the entry %j is refused", (entry) => {
  expect(() => compilePrefetchAllowlist([entry as string])).toThrow(FlyteError);
});

test("an entry without a star allows exactly itself", () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,5}$/);
  const repo = fc.oneof(
    name,
    fc.tuple(name, name).map((parts) => parts.join("/")),
  );
  fc.assert(
    fc.property(repo, repo, (entry, asked) => {
      expect(compilePrefetchAllowlist([entry]).allowsModel(asked)).toBe(entry === asked);
    }),
  );
});
