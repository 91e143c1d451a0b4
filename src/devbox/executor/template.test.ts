import fc from "fast-check";
import { expect, test } from "vitest";
import { namesInputs, substituteTemplate, type TemplateValues } from "./template.ts";

const values: TemplateValues = {
  inputsUri: "file:///s/p/d/r/inputs/inputs.pb",
  outputPrefix: "file:///s/p/d/r/a0/2",
  previousOutputPrefix: "file:///s/p/d/r/a0/1",
  runStartTime: new Date("2026-01-02T03:04:05Z"),
  namespace: "p-d",
  run: "rabc",
  action: "a0",
  attempt: 2,
  inputs: new Map([["Rate", "0.5"]]),
};
const substitute = (text: string, changed: Partial<TemplateValues> = {}) =>
  substituteTemplate([text], { ...values, ...changed })[0];

test.each([
  ["{{.input}}", "file:///s/p/d/r/inputs/inputs.pb"],
  ["{{ .INPUT }}", "file:///s/p/d/r/inputs/inputs.pb"],
  ["{{$inputPrefix}}", "file:///s/p/d/r/inputs"],
  ["{{.outputPrefix}}", "file:///s/p/d/r/a0/2"],
  ["{{.rawOutputDataPrefix}}", "file:///s/p/d/r/a0/2"],
  ["{{.checkpointOutputPrefix}}", "file:///s/p/d/r/a0/2/_flytecheckpoints"],
  ["{{.prevCheckpointPrefix}}", "file:///s/p/d/r/a0/1/_flytecheckpoints"],
  ["{{.perRetryUniqueKey}}", "rabc_a0_1"],
  ["{{.namespace}}", "p-d"],
  ["{{.runStartTime}}", "2026-01-02T03:04:05.000Z"],
  ["--rate={{.inputs.Rate}}/{{ $Inputs.Rate }}", "--rate=0.5/0.5"],
])("%s becomes %s", (text, expected) => {
  expect(substitute(text)).toBe(expected);
});

test.each([
  "{{.runName}}",
  "{{.actionName}}",
  "{{.inputs.rate}}",
  "{{input}}",
  "{{.}}",
  "{.input}",
])("%s stays as it is", (text) => {
  expect(substitute(text)).toBe(text);
});

test("the first attempt has no previous checkpoint and gets two quotes", () => {
  const { previousOutputPrefix: _, ...first } = values;
  expect(substituteTemplate(["{{.prevCheckpointPrefix}}"], first)).toEqual(['""']);
});

test("an input that looks like a placeholder is not substituted again", () => {
  expect(substitute("{{.inputs.x}}", { inputs: new Map([["x", "{{.input}}"]]) })).toBe(
    "{{.input}}",
  );
});

test("any argument is substituted without throwing, and stays itself without a placeholder", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("{{", "}}", ".", "$", "input", "inputs.", "inputs.__proto__", " "),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("");
      const result = substitute(text);
      expect(typeof result).toBe("string");
      if (!/\{\{\s*[.$]/.test(text)) expect(result).toBe(text);
    }),
  );
});

test("only a command that names an input's value needs the inputs", () => {
  expect(namesInputs(["x", "{{ .Inputs.a }}"])).toBe(true);
  expect(namesInputs(["--inputs", "{{.input}}"])).toBe(false);
});
