import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startDevbox } from "../../src/devbox/index.ts";
import { toJson, useCommandDevbox } from "../support/command-devbox.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";
import { unusedPort } from "../support/unused-port.ts";

/** `flyte-webhook doctor`, in front of control planes that are well and that are not. */
const devbox = useCommandDevbox();

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly text: string;
}

async function findings(...line: readonly string[]): Promise<readonly Finding[]> {
  return JSON.parse((await devbox.flyte(["doctor", "--json", ...line])).stdout);
}

/** The doctor in front of an endpoint, with this key. */
function elsewhere(endpoint: string, key = "some-key"): Promise<CommandResult> {
  return runCommand(["doctor", "--json", "--endpoint", endpoint, "-p", "p", "-d", "development"], {
    command: devbox.command,
    cwd: devbox.folder,
    env: { FLYTE_API_KEY: key },
  });
}

const of = (all: readonly Finding[], check: string) => all.filter((one) => one.check === check);

test("a devbox that is well has no problem, and each check says what it found", async () => {
  const { code, stdout } = await devbox.flyte(["doctor"]);
  expect(stdout).toMatch(/^ok +control plane +http:\/\/127\.0\.0\.1:\d+ answers$/m);
  expect(stdout).toMatch(/^ok +anonymous +calls without a credential are refused$/m);
  expect(stdout).toMatch(/^ok +clock +agrees with the control plane's$/m);
  expect(stdout).toMatch(/^ok +version +this command and the devbox are \S+$/m);
  expect(stdout).toMatch(/^ok +credential +is that of alice/m);
  expect(stdout).toMatch(/^ok +project +runs of flytesnacks\/development can be read$/m);
  expect(stdout).not.toMatch(/WARNING|PROBLEM/);
  expect(code).toBe(0);
});

test("entries of allowlists that match nothing are named, with what was probably meant", async () => {
  const all = await findings(
    ...["--task-allowlist", "stats.describe", "flytesnacks/stats.descibe"],
    ...["flytesnacks/development/stats.describe", "elsewhere/main"],
    ...["--app-allowlist", "my-app", "--trigger-allowlist", "nigthly"],
  );
  const texts = of(all, "task allowlist").map(({ level, text }) => `${level}: ${text}`);
  expect(texts).toEqual([
    expect.stringMatching(
      /^warning: "flytesnacks\/stats\.descibe" matches no task in .*Did you mean "stats\.describe"\?$/,
    ),
    'warning: "flytesnacks/development/stats.describe" matches nothing: the domain comes before the project: did you mean "development/flytesnacks/stats.describe"?',
    expect.stringMatching(/^warning: "elsewhere\/main" matches no task in elsewhere\/development/),
    "ok: 1 of 4 entries match",
  ]);
  expect(of(all, "app allowlist")[0]?.text).toContain('"my-app" matches no app');
  expect(of(all, "trigger allowlist")[0]?.text).toContain('"nigthly" matches no trigger');
});

test("an empty allowlist is told, as nothing may be used then", async () => {
  const all = await findings("--task-allowlist", "");
  expect(of(all, "task allowlist")).toEqual([
    { check: "task allowlist", level: "warning", text: "is empty: no task may be used" },
  ]);
});

test("the allowlists of a file are those of its webhook", async () => {
  await writeFile(
    join(devbox.folder, "app.ts"),
    `import { FlyteWebhookAppEnvironment } from "flyte-webhook";
export const env = new FlyteWebhookAppEnvironment({ name: "mine", taskAllowlist: ["no.such"] });\n`,
  );
  const all: readonly Finding[] = toJson(await devbox.flyte(["doctor", "app.ts", "--json"]));
  expect(of(all, "task allowlist")[0]?.text).toContain('"no.such" matches no task');
});

test.each([
  ["", []],
  [
    ', endpointGroups: ["all", "inspect"], inspectors: ["ada"]',
    [["ok", expect.stringMatching(/deliveries and the audit log: ada$/)]],
  ],
  [
    ', endpointGroups: ["inspect"]',
    [["ok", expect.stringContaining("audit log: nobody, as inspectors names none")]],
  ],
  [', inspectors: ["ada"]', [["warning", expect.stringContaining("is not served")]]],
])("whom a webhook of a file tells of itself is said: %s", async (options, expected) => {
  await writeFile(
    join(devbox.folder, "inspect.ts"),
    `import { FlyteWebhookAppEnvironment } from "flyte-webhook";
export const env = new FlyteWebhookAppEnvironment({ name: "mine"${options} });\n`,
  );
  const all: readonly Finding[] = toJson(await devbox.flyte(["doctor", "inspect.ts", "--json"]));
  expect(of(all, "inspect").map(({ level, text }) => [level, text])).toEqual(expected);
});

test("project and domain the wrong way round are seen", async () => {
  const result = await devbox.flyte(["doctor", "--json", "-p", "development", "-d", "flytesnacks"]);
  expect(result.code).toBe(1);
  expect(of(JSON.parse(result.stdout), "project")[0]).toMatchObject({
    level: "problem",
    text: expect.stringContaining("did you mean --project flytesnacks --domain development?"),
  });
});

test("a control plane that lets everybody in is a problem, unless that is meant", async () => {
  const open = await startDevbox({ state: "memory", port: 0, allowAnonymous: true });
  onTestFinished(() => open.close());
  const { code, stdout } = await elsewhere(open.url, open.keys["alice"]);
  expect(code).toBe(1);
  expect(of(JSON.parse(stdout), "anonymous")[0]).toMatchObject({ level: "problem" });
});

test("one that is not there, one that is none, and a key that is none, each have a remedy", async () => {
  const away = await elsewhere(`http://127.0.0.1:${await unusedPort()}`);
  expect(away.code).toBe(1);
  expect(away.stdout).toMatch(/does not answer: .* Start it, or correct the endpoint\./);
  const site = createServer((_request, response) => response.end("<h1>hello</h1>"));
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void site.close());
  const none = await elsewhere(`http://127.0.0.1:${(site.address() as AddressInfo).port}`);
  expect(none.stdout).toContain("answers, but not as a Flyte 2 control plane");
  const strange = await elsewhere(devbox.server.ready.controlPlane, "planted-key");
  expect(strange.code).toBe(1);
  expect(strange.stdout).toMatch(/"credential".*\n.*"problem"/);
  expect(strange.stdout + strange.stderr).not.toContain("planted-key");
});

test.each([
  [60 * 60_000, "problem", "behind"],
  [-20_000, "warning", "ahead of"],
])("a clock that is off by %s ms is a %s", async (offset, level, direction) => {
  const site = createServer((_request, response) => {
    response.setHeader("date", new Date(Date.now() + offset).toUTCString());
    response.writeHead(401, { "content-type": "application/json" });
    response.end('{"code":"unauthenticated","message":"no"}');
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void site.close());
  const { stdout } = await elsewhere(`http://127.0.0.1:${(site.address() as AddressInfo).port}`);
  const [clock] = of(JSON.parse(stdout), "clock");
  expect(clock).toMatchObject({ level, text: expect.stringContaining(`${direction} the control`) });
});
