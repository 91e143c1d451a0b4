import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { expectRefused, toJson, useCommandDevbox } from "../support/command-devbox.ts";
import {
  type CommandResult,
  RunningCommand,
  runCommand,
  runProgram,
} from "../support/run-command.ts";

/** The command as a newcomer and as a script use it, against one devbox. */
const devbox = useCommandDevbox();

beforeAll(async () => {
  await writeFile(
    join(devbox.folder, "tasks.ts"),
    `import { defineTask, t } from "flyte-webhook/tasks";
export const greet = defineTask(
  { name: "cli.greet", inputs: { name: t.string() }, outputs: { text: t.string() } },
  async ({ name }) => ({ text: \`Hello \${name}\` }),
);\n`,
  );
});

function flyte(line: readonly string[], env: NodeJS.ProcessEnv = {}, stdin = "") {
  return devbox.flyte(line, { env, stdin });
}

/** A command that does not look for the devbox. */
function bare(line: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  return runCommand(line, { command: devbox.command, cwd: devbox.folder, env });
}

describe("deploy and run", () => {
  test("a file is deployed twice as one version, and nothing by a dry run", async () => {
    const dry = await flyte(["deploy", "tasks.ts", "--dry-run", "--json"]);
    expectRefused(await flyte(["get", "task", "cli.greet"]), 3, /cli\.greet/);
    const [first, second] = [
      await flyte(["deploy", "tasks.ts", "--json"]),
      await flyte(["deploy", "tasks.ts", "--json"]),
    ];
    expect(toJson(first)).toEqual([
      {
        name: "cli.greet",
        version: expect.stringMatching(/^ts-[0-9a-f]{32}$/),
        project: "flytesnacks",
        domain: "development",
      },
    ]);
    expect(toJson(second)).toEqual(toJson(first));
    expect(toJson(dry)).toEqual(toJson(first));
  });

  test("an input is text where the task takes text, and JSON where it reads as such", async () => {
    const [five, file, piped] = await Promise.all([
      flyte(["run", "cli.greet", "-i", "name=5", "--wait", "--json"]),
      writeFile(join(devbox.folder, "in.json"), '{"values": [1, 3]}').then(() =>
        flyte(["run", "stats.describe", "--inputs", "@in.json", "--wait", "--json"]),
      ),
      flyte(
        ["run", "flytesnacks/cli.greet", "--inputs", "-", "-w", "--json"],
        {},
        '{"name": "pipe"}',
      ),
    ]);
    expect(toJson(five)).toMatchObject({ phase: "succeeded", outputs: { o0: "Hello 5" } });
    expect(toJson(file)).toMatchObject({ phase: "succeeded", outputs: { o0: 2, o1: 2 } });
    expect(toJson(piped)).toMatchObject({ outputs: { o0: "Hello pipe" } });
    expect(five.stderr).toContain("succeeded");
  });

  test("a name makes a start safe to repeat", async () => {
    const line = ["run", "cli.greet", "-i", "name=x", "--name", "once", "--json"];
    expect(toJson(await flyte(line))).toEqual(toJson(await flyte(line)));
    expectRefused(
      await flyte(["run", "stats.describe", "-i", "values=[1]", "--name", "once"]),
      2,
      /'once' already exists/,
    );
  });

  test("every wrong input has a line of its own", async () => {
    const result = await flyte(["run", "stats.describe", "-i", 'values=[1,"x"]', "-i", "more=1"]);
    expectRefused(result, 2, /2 values are wrong/);
    expect(result.stderr).toMatch(/^ {2}values\[1\]: /m);
    expect(result.stderr).toMatch(/^ {2}more: /m);
  });

  test("a run that fails ends the command with 1 and the reason", async () => {
    const result = await flyte(["run", "failing.always", "--wait"]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(/error: run r\w+ ended as failed: /);
  });

  test("an interrupt and a time limit end the wait and leave the run", async () => {
    const start = ["run", "slow.count", "-i", "to=600", "--wait"];
    const limited = await flyte([...start, "--name", "limited", "--timeout", "300ms"]);
    expect(limited).toMatchObject({ code: 5, stdout: "" });
    expect(limited.stderr).toMatch(/^error: Run limited has not ended within .* it goes on/m);

    const line = [...start, "--name", "interrupted", "--state", devbox.state];
    await using waiting = new RunningCommand(line, { command: devbox.command, cwd: devbox.folder });
    await waiting.saw(/running/);
    waiting.kill("SIGINT");
    expect(await waiting.wait()).toBe(130);
    expect(waiting.written).toContain("Run interrupted goes on");
    for (const name of ["limited", "interrupted"]) {
      const get = async () => toJson(await flyte(["get", "run", name, "--json"]));
      await expect.poll(get).toMatchObject({ phase: "running" });
      expect(toJson(await flyte(["abort", name, "--json"]))).toMatchObject({ phase: "aborted" });
    }
  });

  test("lists, tasks, logs and the user are shown as text and as JSON", async () => {
    const [runs, task, tasks, logs, who] = await Promise.all([
      flyte(["get", "run", "--json", "--limit", "2"]),
      flyte(["get", "task", "stats.describe", "--json"]),
      flyte(["get", "task"]),
      flyte(["get", "logs", "once"]),
      flyte(["whoami", "--json", "--user", "bob"]),
    ]);
    expect(toJson(runs)).toHaveLength(2);
    expect(toJson(task)).toMatchObject({ requiredInputs: ["values"] });
    expect(tasks.stdout).toMatch(/^NAME +VERSION +PROJECT +DOMAIN +DEPLOYED\n/);
    expect(logs.code).toBe(0);
    expect(toJson(who)).toMatchObject({ subject: "bob" });
  });
});

describe("API keys", () => {
  test("a key is printed once, works, and is refused after its deletion", async () => {
    const created = await flyte([
      ...["create", "api-key", "ci", "--for", "ci-bot", "--role", "contributor"],
      ...["--expires-in", "90d"],
    ]);
    expect(created.stdout).toMatch(/^export FLYTE_API_KEY=[A-Za-z0-9+/]+=*\n$/);
    const env = { FLYTE_API_KEY: created.stdout.trim().replace(/^[^=]*=/, "") };
    expect(toJson(await flyte(["whoami", "--json"], env))).toMatchObject({ subject: "ci-bot" });

    const keys = toJson(await flyte(["get", "api-key", "--json"]));
    const own = keys.find(({ user }: { user: string }) => user === "ci-bot");
    expect(own.expiresAt).toMatch(/^\d{4}-/);
    expect(JSON.stringify(keys)).not.toContain(env.FLYTE_API_KEY);
    expect((await flyte(["delete", "api-key", own.id])).code).toBe(0);
    expectRefused(await flyte(["whoami"], env), 4, /./);
  });

  test("only an admin manages keys", async () => {
    expectRefused(await flyte(["create", "api-key", "x", "--user", "bob"]), 4, /bob may not/);
  });
});

describe("where the control plane is", () => {
  test("options win over the environment, and that over the config file", async () => {
    const endpoint = "http://127.0.0.1:1";
    await bare(["create", "config", "--endpoint", endpoint, "--output", "own.yaml"]);
    const file = ["--config", "own.yaml"];
    const env = { FLYTE_ENDPOINT: "http://127.0.0.1:2" };
    const option = ["--endpoint", devbox.server.ready.controlPlane];
    const [byFile, byVariable, byOption] = await Promise.all([
      flyte(["whoami", ...file]),
      flyte(["whoami", ...file], env),
      flyte(["whoami", ...file, ...option], env),
    ]);
    expectRefused(byFile, 5, /127\.0\.0\.1:1 .*\n.*flyte-webhook dev/);
    expectRefused(byVariable, 5, /127\.0\.0\.1:2 /);
    expect(byOption.stdout).toContain("alice");
    expectRefused(
      await bare(["create", "config", "--endpoint", "x.example", "-o", "own.yaml"]),
      2,
      /exists\. Overwrite it with --force/,
    );
  });

  test("what is not there is 3, what may not be done is 4, what is wrong is 2", async () => {
    const key = { FLYTE_API_KEY: "fwk_planted_secret" };
    const [run, logs, denied, wrong, user, none] = await Promise.all([
      flyte(["get", "run", "nosuch"]),
      flyte(["abort", "nosuch"]),
      flyte(["run", "production/flytesnacks/cli.greet", "--user", "bob", "-d", "production"]),
      flyte(["whoami"], key),
      flyte(["whoami", "--user", "nobody"]),
      bare(["whoami"]),
    ]);
    expectRefused(run, 3, /nosuch/);
    expectRefused(logs, 3, /nosuch/);
    expect([3, 4]).toContain(denied.code);
    expectRefused(wrong, 4, /./);
    expect(wrong.stderr).not.toContain("planted");
    expectRefused(user, 2, /no key of nobody, only of alice and bob/);
    expectRefused(none, 2, /flyte-webhook devbox/);
  });
});

test("a reader that goes away ends the command quietly", async () => {
  const line = [...devbox.command, "get", "logs", "once", "--state", devbox.state];
  const result = await runProgram(["/bin/sh", "-c", '"$@" --json | true', "sh", ...line], {
    cwd: devbox.folder,
  });
  expect(result).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("the text of a server has a curl line that works as it is pasted", async () => {
  const ports = ["--port", "0", "--devbox-port", "0"];
  await using own = new RunningCommand(
    ["dev", "--state", join(devbox.folder, "pasted"), ...ports],
    {
      command: devbox.command,
      cwd: devbox.folder,
    },
  );
  await own.saw(/Ctrl-C/);
  const lines = own.written.slice(own.written.indexOf("  curl ")).split("\n\n")[0] ?? "";
  const pasted = await runProgram(["/bin/sh", "-c", lines.replace("curl", "curl -s")], {});
  expect(JSON.parse(pasted.stdout)).toEqual({ url: expect.any(String), name: expect.any(String) });
  expect(own.written).toMatch(/webhook +http/);
  expect(await readFile(join(devbox.folder, "pasted", "address"), "utf8")).toMatch(/^http/);
  own.kill("SIGHUP");
  expect(await own.wait()).toBe(0);
  expect(await readdir(join(devbox.folder, "pasted"))).not.toContain("address");
});
