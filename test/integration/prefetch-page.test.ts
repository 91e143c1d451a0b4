import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { splitShellWords } from "../../src/app/environment/shell-words.ts";
import { commandPath, createProgram } from "../../src/cli/program.ts";
import { bundleCommand } from "../support/bundled-command.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { seededContent, textContent } from "../support/hub-content.ts";
import { TestHub } from "../support/hub-server.ts";
import { ownEnvironment, runCommand, runProgram } from "../support/run-command.ts";

/** What docs/prefetch.md tells people to paste, in front of a hub of our own. */
let page: string;
let home: string;
let command: readonly string[];
let hub: TestHub;
let dev: ServerProcess;

beforeAll(async () => {
  page = await readFile(resolve(import.meta.dirname, "../../docs/prefetch.md"), "utf8");
  home = await mkdtemp(join(tmpdir(), "flyte-webhook-prefetch-"));
  command = await bundleCommand(join(home, "package"));
  await mkdir(join(home, ".flyte-webhook"));
  await writeFile(join(home, "token.txt"), "hf_member\n");
  hub = await TestHub.start();
  hub.add({
    repo: "openai-community/gpt2",
    files: [
      {
        path: "config.json",
        content: textContent('{"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2"}'),
      },
      { path: "model.safetensors", content: seededContent(1_000_000, 1), isLarge: true },
    ],
    about: {
      pipeline_tag: "text-generation",
      library_name: "transformers",
      cardData: { license: "mit" },
    },
  });
  const ports = ["--port", "0", "--devbox-port", "0", "--gateway-port", "0"];
  const env = { HOME: home, HF_ENDPOINT: hub.url };
  dev = await ServerProcess.start(["dev", "--no-tasks", ...ports], { command, env });
});

afterAll(async () => {
  await dev?.[Symbol.asyncDispose]();
  await hub?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

function blocksOf(language: string): readonly string[] {
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...blocks].map(([, text = ""]) => text);
}

/** Runs a block as the shell does, with what stands for this page's webhook and run. */
async function runBlock(block: string, run = ""): Promise<string> {
  const script = block.replaceAll("http://127.0.0.1:8080", dev.ready.webhook);
  const key = 'KEY=$(cat "$HOME/.flyte-webhook/devbox/keys/alice")';
  const env = { ...ownEnvironment(home), RUN: run };
  const { code, stdout, stderr } = await runProgram(["sh", "-ec", `${key}\n${script}`], {
    cwd: home,
    env,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

test("every flyte-webhook command on the page exists, with its options", () => {
  const program = createProgram();
  const known = new Map(
    program.commands
      .flatMap((each) => [each, ...each.commands])
      .map((each) => [commandPath(each), each]),
  );
  const lines = blocksOf("sh").flatMap((block) => block.split("\n"));
  let checked = 0;
  for (const line of lines) {
    const [, given] = /^(?:HF_ENDPOINT=\S+ )?flyte-webhook (.*)$/.exec(line) ?? [];
    if (given === undefined) continue;
    const [first = "", second = "", ...rest] = splitShellWords(given);
    const nested = known.get(`flyte-webhook ${first} ${second}`);
    const found = nested ?? known.get(`flyte-webhook ${first}`);
    expect(found, line).toBeDefined();
    expect(found?.parseOptions(nested ? rest : [second, ...rest]).unknown, line).toEqual([]);
    checked += 1;
  }
  expect(checked).toBe(4);
});

test("the requests lead to a model, told as the page shows it", async () => {
  const [start = "", status = "", io = ""] = blocksOf("sh");
  const { name } = JSON.parse(await runBlock(start));
  await expect.poll(async () => JSON.parse(await runBlock(status, name)).phase).toBe("succeeded");
  const { outputs } = JSON.parse(await runBlock(io, name));
  const shown = JSON.parse(blocksOf("json")[0] ?? "");
  expect(Object.keys(outputs.o0)).toEqual(Object.keys(shown.o0));
  const { source_commit, stored_at, files, size_bytes, ...same } = shown.o1;
  expect(outputs.o1).toMatchObject(same);
  expect(Object.keys(outputs.o1)).toEqual(Object.keys(shown.o1));
  const place = (uri: string): string | undefined => /\/\.flyte-webhook\/.*\//.exec(uri)?.[0];
  expect(place(outputs.o0.path)).toBe(place(shown.o0.path));
  expect(outputs.o1.stored_at).toBe(outputs.o0.path);
});

test("the commands store a token and fetch with it", async () => {
  const lines = blocksOf("sh").flatMap((block) => block.split("\n"));
  const secret = lines.find((line) => line.startsWith("flyte-webhook create secret")) ?? "";
  const run = lines.find((line) => line.startsWith("flyte-webhook run")) ?? "";
  for (const line of [secret, run]) {
    const args = splitShellWords(line).slice(1);
    const { code, stdout, stderr } = await runCommand(args, { command, cwd: home });
    expect({ line, code, stderr: code === 0 ? "" : stderr }).toEqual({ line, code: 0, stderr: "" });
    if (line === run) expect(stdout).toContain('"reused": true');
  }
  hub.seen.length = 0;
  const { name } = JSON.parse(await runBlock(blocksOf("sh")[0] ?? ""));
  await expect
    .poll(async () => JSON.parse(await runBlock(blocksOf("sh")[1] ?? "", name)).phase)
    .toBe("succeeded");
  expect(hub.seen.map(({ authorization }) => authorization)).toContain("Bearer hf_member");
});
