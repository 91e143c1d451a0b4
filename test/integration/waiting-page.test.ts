import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ServerProcess } from "../support/dev-process.ts";
import { ownEnvironment, runProgram } from "../support/run-command.ts";

/** What docs/waiting.md tells people to paste, and what it says they get. */
let page: string;
let home: string;
let dev: ServerProcess;

beforeAll(async () => {
  page = await readFile(resolve(import.meta.dirname, "../../docs/waiting.md"), "utf8");
  const ports = ["--port", "0", "--devbox-port", "0", "--gateway-port", "0"];
  const groups = ["--endpoint-group", "all", "wait"];
  dev = await ServerProcess.start(["dev", "--state", "memory", ...ports, ...groups]);
  home = await mkdtemp(join(tmpdir(), "flyte-webhook-waiting-"));
  await mkdir(join(home, ".flyte-webhook/devbox/keys"), { recursive: true });
  await writeFile(join(home, ".flyte-webhook/devbox/keys/alice"), dev.ready.keys["alice"] ?? "");
});

afterAll(async () => {
  await dev?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

/** The blocks to paste, each with the answer that follows it, if one does. */
function examples(): readonly { readonly script: string; readonly answer: string | undefined }[] {
  const blocks = page.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```json\n([\s\S]*?)^```\n)?/gm);
  return [...blocks].map(([, script = "", answer]) => ({ script, answer }));
}

async function paste(script: string): Promise<unknown> {
  const here = script.replaceAll("http://127.0.0.1:8080", dev.ready.webhook);
  const key = "KEY=$(cat ~/.flyte-webhook/devbox/keys/alice)";
  const { code, stdout, stderr } = await runProgram(["sh", "-ec", `${key}\n${here}`], {
    cwd: home,
    env: ownEnvironment(home),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

/** As the page has it: names, addresses and ids differ from run to run. */
function asOnPage(answer: unknown): unknown {
  const { name } = answer as { readonly name: string };
  const text = JSON.stringify(answer)
    .replaceAll(name, "rdc7x9k2m")
    .replaceAll(dev.ready.controlPlane, "http://127.0.0.1:30080")
    .replace(/"requestId":"[^"]+"/, '"requestId":"3f0e1c8a-5a0e-4f9f-9f0b-5a2d8b1c7e11"');
  return JSON.parse(text);
}

test("every block on the page does what the page says", async () => {
  const all = examples();
  expect(all).toHaveLength(4);
  const described = JSON.parse(all[0]?.answer ?? "");
  for (const { script, answer } of all) {
    const expected = answer === undefined ? described : JSON.parse(answer);
    const given = asOnPage(await paste(script));
    expect(given).toEqual(expected);
    expect(Object.keys(given as object)).toEqual(Object.keys(expected));
  }
});

test("the loop on the page ends with the run", async () => {
  const [, code = ""] = /```ts\n([\s\S]*?)^```/m.exec(page) ?? [];
  const plain = code.replace(/: (?:Promise<Response>|Response|HeadersInit)/g, "");
  const finish = new Function(`${plain}; return finish;`)();
  const headers = { authorization: `Bearer ${dev.ready.keys["alice"]}` };
  const started = await fetch(
    `${dev.ready.webhook}/run-task/development/flytesnacks/slow.count?wait=0`,
    {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: '{"to": 1, "pause": "PT0.1S"}',
    },
  );
  expect(started.status).toBe(202);
  const finished = await finish(started, headers);
  expect([finished.status, (await finished.json()).outputs]).toEqual([200, { counted: 1 }]);
});
