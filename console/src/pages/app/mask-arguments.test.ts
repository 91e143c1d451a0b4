import fc from "fast-check";
import { expect, test } from "vitest";
import { hiddenValue, isSecretName, maskArguments } from "./mask-arguments.ts";

// biome-ignore lint/suspicious/noTemplateCurlyInString: a shell reads it.
const reference = "--token=${TOKEN}";

test.each<[readonly string[], readonly string[]]>([
  [
    ["serve", "--api-key", "abc", "--port", "80"],
    ["serve", "--api-key", hiddenValue, "--port", "80"],
  ],
  [
    ["--token=abc", "--name=abc"],
    [`--token=${hiddenValue}`, "--name=abc"],
  ],
  [["DB_PASSWORD=abc"], [`DB_PASSWORD=${hiddenValue}`]],
  [
    ["--authToken", "abc"],
    ["--authToken", hiddenValue],
  ],
  [
    ["--api-key", "$AUTH_SECRET", reference],
    ["--api-key", "$AUTH_SECRET", reference],
  ],
  [
    ["--api-key", "--verbose"],
    ["--api-key", "--verbose"],
  ],
  [["postgres://me:abc@db/x"], [`postgres://me:${hiddenValue}@db/x`]],
  [["https://host/path?a=b:c@d"], ["https://host/path?a=b:c@d"]],
  [
    ["--monkey", "banana"],
    ["--monkey", "banana"],
  ],
])("%j is shown as %j", (words, shown) => {
  expect(maskArguments(words)).toEqual(shown);
});

test("the value of a secret flag never stands there, and nothing is added or lost", () => {
  const flag = fc.constantFrom("--api-key", "--secret", "-token", "--db-password", "--apiKey");
  const value = fc.stringMatching(/^[a-z0-9]{12,20}$/);
  fc.assert(
    fc.property(fc.array(fc.string()), flag, value, fc.boolean(), (rest, name, secret, isOne) => {
      const words = [...rest, ...(isOne ? [`${name}=${secret}`] : [name, secret])];
      const shown = maskArguments(words);
      expect(shown).toHaveLength(words.length);
      expect(shown.slice(rest.length).join(" ")).not.toContain(secret);
    }),
  );
});

test.each([
  ["api_key", true],
  ["apikey", true],
  ["model-key", true],
  ["DB_PASSWORD", true],
  ["keyboard", false],
  ["monkey", false],
  ["threshold", false],
  ["", false],
])("%s: %s", (name, isSecret) => {
  expect(isSecretName(name)).toBe(isSecret);
});
