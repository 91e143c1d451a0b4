import { expect, test } from "vitest";
import { useCommandDevbox } from "../support/command-devbox.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";

/** The commands about conditions, and a webhook that makes links, against one devbox. */
const devbox = useCommandDevbox(["dev", "--endpoint-group", "all", "signal"]);

function flyte(...line: readonly string[]): Promise<CommandResult> {
  return devbox.flyte(line);
}

/** A run of the example that waits for the condition. */
async function waiting(condition: string, name: string): Promise<void> {
  await expect
    .poll(async () => (await flyte("get", "condition", name)).stdout)
    .toMatch(new RegExp(`^${condition} .* paused `, "m"));
}

test("a run is asked what it waits for, and answered, on the command line", async () => {
  const started = await flyte("run", "approval.release", "-i", "version=1.2", "--json");
  const { name } = JSON.parse(started.stdout);
  await waiting("approve", name);
  const shown = await flyte("get", "condition", name, "approve");
  expect(shown.stdout).toMatch(/^prompt +Release 1\.2\?$/m);
  expect(shown.stdout).toMatch(/^type +boolean$/m);

  const wrong = await flyte("signal", name, "approve", "perhaps");
  expect(wrong).toMatchObject({ stdout: "", stderr: expect.stringContaining("must be yes or no") });
  expect(wrong.code).not.toBe(0);
  const absent = await flyte("signal", name, "other", "yes");
  expect(absent.stderr).toContain('has no condition "other". It waits for "approve".');

  const answered = await flyte("signal", name, "approve", "yes");
  expect(answered.stdout).toMatch(/^value +true$/m);
  expect(answered.stdout).toMatch(/^signalled by +alice$/m);
  await waiting("percent", name);
  const number = await runCommand(
    ["signal", "--state", devbox.state, "--json", name, "percent", "--", "-12.5"],
    { command: devbox.command, cwd: devbox.folder },
  );
  expect(JSON.parse(number.stdout)).toMatchObject({ name: "percent", value: -12.5, open: false });
  const late = await flyte("signal", name, "approve", "no");
  expect(late.stderr).toContain("was signalled with true by alice at");
  const listed = await flyte("get", "condition", name, "--json");
  expect(JSON.parse(listed.stdout)).toMatchObject([{ value: true }, { value: -12.5 }]);
});

test("`serve` makes links with secrets of its environment, and says what is missing", async () => {
  const key = devbox.server.ready.keys["alice"] ?? "";
  const line = [
    ...[
      "serve",
      "--endpoint",
      devbox.server.ready.controlPlane,
      "-p",
      "flytesnacks",
      "-d",
      "development",
    ],
    ...["--port", "0", "--endpoint-group", "run", "signal", "--state", devbox.state],
    ...["--signal-url", "https://hooks.example.com"],
  ];
  const without = await runCommand(line, { command: devbox.command, cwd: devbox.folder });
  expect(without.stderr).toContain("--signal-url needs FLYTE_WEBHOOK_SIGNAL_KEY");
  const env = {
    FLYTE_WEBHOOK_SIGNAL_KEY: "a secret that is long enough for links",
    FLYTE_WEBHOOK_SIGNAL_API_KEY: key,
  };
  await using webhook = await ServerProcess.start(line, { command: devbox.command, env });
  const alice = createCaller(webhook.ready.webhook, key);
  const started = await flyte("run", "approval.release", "-i", "version=2", "--json");
  const { name } = JSON.parse(started.stdout);
  await waiting("approve", name);
  const made = await alice.post(`/run/${name}/condition/approve/links`, { value: false });
  expect(made.status).toBe(200);
  const page = made.body.url.replace("https://hooks.example.com", webhook.ready.webhook);
  // The browser's own cookies are nobody's credential here.
  const sent = await fetch(page, {
    method: "POST",
    headers: { cookie: "a=b", authorization: "Bearer x" },
  });
  expect(sent.status).toBe(200);
  expect((await alice.get(`/run/${name}/conditions`)).body.conditions[0].value).toBe(false);
  expect(webhook.stderr).not.toContain(made.body.url.split("/").at(-1));
  for (const secret of Object.values(env)) expect(webhook.stderr).not.toContain(secret);
});
