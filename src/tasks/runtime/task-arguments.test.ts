import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTaskArguments, UsageError } from "./task-arguments.ts";

const argv = ["--bundle", "b", "--task", "t", "--inputs", "i", "--outputs-path", "o"];

test("names that the control plane left as placeholders come from the environment", () => {
  const placeholders = ["--run-name", "{{.runName}}", "--name", "{{.actionName}}"];
  const env = { RUN_NAME: "rabc", ACTION_NAME: "a1" };
  expect(parseTaskArguments([...argv, ...placeholders], env)).toEqual({
    bundle: "b",
    task: "t",
    inputs: "i",
    outputsPath: "o",
    rawDataPath: "o",
    run: "rabc",
    action: "a1",
  });
  expect(parseTaskArguments([...argv, "--run-name", "given"], env).run).toBe("given");
});

test("unknown options are ignored and a missing one is named", () => {
  expect(parseTaskArguments([...argv, "--version", "v", "--x"], {}).task).toBe("t");
  expect(() => parseTaskArguments(argv.slice(2), {})).toThrow("--bundle is missing");
});

test("any command line is read or refused with a usage error", () => {
  const argument = fc.oneof(
    fc.string(),
    fc.constantFrom("--bundle", "--task", "--", "-x", "--no-x"),
  );
  fc.assert(
    fc.property(fc.array(argument), (args) => {
      try {
        parseTaskArguments(args, {});
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }),
  );
});
