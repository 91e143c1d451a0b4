import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCommand } from "../support/bundled-command.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";

/** What a person reads whose app does not come up: what is wrong and what helps, in few lines. */
let folder: string;
let command: readonly string[];
let devbox: ServerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-failing-"));
  command = await bundleCommand(join(folder, "package"));
  devbox = await ServerProcess.start(["devbox", "--port", "0", "--state", join(folder, "state")], {
    command,
  });
});
afterAll(async () => {
  await devbox?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

function flyte(...args: readonly string[]): Promise<CommandResult> {
  const options = { command, cwd: join(folder, "package") };
  return runCommand([...args, "--state", join(folder, "state")], options);
}

const declare = (name: string, rest: string): string =>
  `import { AppEnvironment } from "flyte-webhook";
   export const env = new AppEnvironment({ name: "${name}", ${rest} });`;
const node = (code: string): string => `command: ["node", "-e", ${JSON.stringify(code)}]`;

interface Row {
  readonly what: string;
  readonly text: string;
  readonly code: number;
  /** In the last lines. */
  readonly told: RegExp;
}

const rows: readonly Row[] = [
  {
    what: "cannot be read",
    text: declare("unread", "server: ( => 1"),
    code: 2,
    told: /^error: Cannot read unread\.ts: unread\.ts:2: Unexpected "=>"$/m,
  },
  {
    what: "has an option that does not exist",
    text: declare("mistyped", 'comand: ["node"]'),
    code: 2,
    told: /no option "comand"\. Did you mean "command"\?/,
  },
  {
    what: "throws while it starts",
    text: declare("thrower", 'server: () => { throw new Error("The database is away."); }'),
    code: 1,
    told: /^error: App thrower failed: .* ended with exit code 1 .*[\s\S]*thrower\.ts[\s\S]*flyte-app: The database is away\.$/m,
  },
  {
    what: "ends by itself",
    text: declare("quitter", node('console.log("out of luck"); process.exit(7)')),
    code: 1,
    told: /exit code 7 before it listened on the port in PORT\. Its last output:\nout of luck$/m,
  },
  {
    what: "has a command that is not there",
    text: declare("absent", 'command: ["no-such-server"]'),
    code: 1,
    told: /command "no-such-server" was not found on the PATH; install it .* or change/,
  },
  {
    what: "asks for a secret that is not there",
    text: declare("sealed", `${node("1")}, secrets: [{ key: "no-key", asEnvVar: "K" }]`),
    code: 1,
    told: /no secret "no-key" .*\. Create it with: flyte-webhook create secret no-key --project flytesnacks --domain development$/m,
  },
];

describe("an app that", () => {
  test.each(rows)("$what", async ({ text, code, told }) => {
    const name = /name: "(\w+)"/.exec(text)?.[1] ?? "";
    await writeFile(join(folder, `package/${name}.ts`), text);
    const result = await flyte("deploy", `${name}.ts`, "--wait");
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toMatch(told);
    // The place in the app's own file helps; those in this package, or in Node.js, do not.
    expect(result.stderr).not.toMatch(/ at .*(?:dist\/|src\/|node:internal)/);
    const lines = result.stderr.trimEnd().split("\n");
    const last = lines.findIndex((line) => line.startsWith("error: "));
    expect(lines.length - last).toBeLessThan(8);
    // What was written is told once at length, at the end.
    expect(lines.slice(0, last).every((line) => line.startsWith("App "))).toBe(true);
  });
});

test("the states of an app that crashed stand in one line each, and its output steers no terminal", async () => {
  const written = '"\\u001b]0;owned\\u0007\\u001b[31mred\\u001b[0m\\nlast words"';
  await writeFile(
    join(folder, "package/loud.ts"),
    declare("loud", node(`console.log(${written}); process.exit(1)`)),
  );
  await flyte("deploy", "loud.ts", "--wait");
  const { code, stdout } = await flyte("get", "app", "loud");
  expect(code).toBe(0);
  expect(stdout).toContain("\\x1b]0;owned\\x07");
  expect(stdout).not.toContain("\u001b]");
  const [, table = ""] = stdout.split("\n\n");
  const [, ...states] = table.trimEnd().split("\n");
  expect(states.length).toBeGreaterThan(1);
  expect(states.every((line) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}/.test(line))).toBe(true);
  expect(states.at(-1)).toContain("last words");
  const logs = await flyte("get", "app-logs", "loud");
  expect(logs.stdout).toContain("\u001b[31mred\u001b[0m");
  expect(logs.stdout).not.toContain("\u001b]");
});
