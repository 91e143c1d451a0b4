import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { FlyteError } from "../../shared/errors.ts";
import { parseConfig } from "./parse-config.ts";

const text = fc.stringMatching(/^[A-Za-z][\w./:@ -]{0,30}[A-Za-z0-9]$/);

test("what is written comes back, typed", async () => {
  const given = fc.record({
    endpoint: text,
    insecure: fc.boolean(),
    command: fc.array(fc.string(), { minLength: 1 }),
    project: text,
    imageRefs: fc.dictionary(text, fc.string()),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ endpoint, insecure, command, project, imageRefs }) => {
      const file = stringify({
        admin: { endpoint, insecure, command },
        task: { project },
        image: { image_refs: imageRefs },
      });
      const { settings, notices } = parseConfig(file, "f");
      expect(settings).toEqual({ endpoint, insecure, command, project, imageRefs });
      expect(notices).toEqual([]);
    }),
  );
});

test("no text makes it throw anything but our error", async () => {
  const fragments = fc.array(
    fc.constantFrom(
      "admin",
      ":",
      "\n",
      "  ",
      "- ",
      "endpoint",
      "insecure",
      "&a",
      "*a",
      "!!set",
      "{",
      "]",
      '"',
      "<<",
      "|",
      "#",
      "\t",
      "null",
      "1e999",
      "? ",
      "---\n",
      "%YAML 1.1\n",
      "__proto__",
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fragments.map((parts) => parts.join("")),
        fc.json(),
      ),
      async (file) => {
        try {
          parseConfig(file, "f");
        } catch (error) {
          expect(FlyteError.is(error) && error.code).toBe("invalid_config");
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test("keys that every object has are not taken for settings", async () => {
  const file = "__proto__: {endpoint: a}\nadmin: {__proto__: {insecure: true}, constructor: b}";
  expect(parseConfig(file, "f").settings).toEqual({});
});
