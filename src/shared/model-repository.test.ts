import fc from "fast-check";
import { expect, test } from "vitest";
import { isModelRepository } from "./model-repository.ts";

test.each(["gpt2", "org/model", "org/some.model-7B_v2", "_/a", `${"o".repeat(96)}/m`, "a/b.c"])(
  "%s is a repository",
  (text) => {
    expect(isModelRepository(text)).toBe(true);
  },
);

test.each([
  ["nothing", ""],
  ["no organisation", "/model"],
  ["no name", "org/"],
  ["a third part", "org/model/more"],
  ["the folder above", "org/.."],
  ["a hidden name", ".git/model"],
  ["two dots", "org/a..b"],
  ["two dashes, which folders of the store are told apart by", "org/a--b"],
  ["the suffix of git", "org/model.git"],
  ["a name that is too long", `org/${"m".repeat(97)}`],
  ["an address", "https://huggingface.co/org/model"],
  ["a query", "org/model?x=1"],
  ["an encoded slash", "org%2Fmodel"],
  ["a line break at its end", "org/model\n"],
])("%s is refused", (_, text) => {
  expect(isModelRepository(text)).toBe(false);
});

test("what is accepted stays the same as the path of an address and as two folders", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\w.-]{1,8}\/?[\w.-]{0,8}$/)), (text) => {
      if (!isModelRepository(text)) return;
      expect(new URL(`http://hub/${text}/x`).pathname).toBe(`/${text}/x`);
      expect(text.replace("/", "--").split("--").join("/")).toBe(text);
    }),
  );
});
