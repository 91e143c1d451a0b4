import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { ServerProcess } from "../support/dev-process.ts";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

interface Block {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page, in order. */
function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", text = ""]) => ({
      language,
      text: text.trim(),
    }),
  );
}

/** Names that differ from run to run, made equal. */
function withoutNames(text: string): string {
  return text
    .replaceAll(/\br[a-z0-9]{19}\b/g, "RUN")
    .replaceAll(/"requestId":"[^"]+"/g, '"requestId":"ID"');
}

let home: string;
let server: ServerProcess;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "flyte-webhook-readme-"));
  server = await ServerProcess.start(["dev", "--port", "0", "--devbox-port", "0"], {
    command: [process.execPath, join(root, "dist/cli.js")],
    env: { HOME: home },
  });
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

test("the README's curl lines, pasted one after the other, give the answers it shows", async () => {
  const blocks = blocksOf(await readFile(join(root, "README.md"), "utf8"));
  const { webhook, controlPlane, keys } = server.ready;
  await using client = createControlPlane({
    endpoint: controlPlane,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(keys["alice"] ?? ""),
  });
  let session = "";
  let compared = 0;
  for (const [index, { language, text }] of blocks.entries()) {
    const answer = blocks[index + 1];
    if (language !== "sh" || !text.includes("curl") || answer?.language !== "json") continue;
    session += `${text.replaceAll("http://localhost:8080", webhook)}\necho; echo ---\n`;
    const { stdout } = await run("bash", ["-c", session], {
      env: { ...process.env, HOME: home },
    });
    const shown = withoutNames(answer.text.replaceAll("http://127.0.0.1:30080", controlPlane));
    const got = stdout.split("---").at(-2)?.trim() ?? "";
    expect(withoutNames(got)).toBe(shown);
    compared += 1;
    const started = /"name":"(r[a-z0-9]{19})"/.exec(got)?.[1];
    if (started !== undefined) {
      await client.runs.wait({ name: started });
      // The next lines speak of this very run: do not start another when the session is replayed.
      session = `${session.slice(0, session.indexOf("answer=$("))}run=${started}\necho; echo ---\n`;
    }
  }
  expect(compared).toBeGreaterThanOrEqual(5);
});

test("the README's task deploys and runs with the README's lines", async () => {
  const blocks = blocksOf(await readFile(join(root, "README.md"), "utf8"));
  const source = blocks.find(
    ({ language, text }) => language === "ts" && text.includes("defineTask"),
  );
  const lines = blocks.find(
    ({ language, text }) => language === "sh" && text.includes("hello.greet"),
  );
  const folder = await mkdtemp(join(root, "test/e2e/.readme-"));
  try {
    await writeFile(join(folder, "tasks.ts"), source?.text ?? "");
    const command = `node ${join(root, "dist/cli.js")}`;
    const script = (lines?.text ?? "").replaceAll("npm run -s flyte-webhook --", command);
    const { stdout } = await run("bash", ["-ec", script], {
      cwd: folder,
      env: { ...process.env, HOME: home },
    });
    expect(stdout).toContain("Hello Ada!");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("the README's hook starts a run for the delivery that the README's line sends", async () => {
  const page = await readFile(join(root, "README.md"), "utf8");
  const source = blocksOf(page).find(({ text }) => text.startsWith("// hook.ts"))?.text ?? "";
  const [line = ""] = /^FLYTE_WEBHOOK_HOOK_SECRET[^`]+/m.exec(page) ?? [];
  const [, secret = ""] = /^GITHUB_WEBHOOK_SECRET=(\S+) /m.exec(page) ?? [];
  const folder = await mkdtemp(join(root, "test/e2e/.readme-"));
  try {
    const file = join(folder, "hook.ts");
    await writeFile(file, source);
    await using webhook = await ServerProcess.start(["serve", file, "--port", "0"], {
      command: [process.execPath, join(root, "dist/cli.js")],
      env: {
        HOME: home,
        GITHUB_WEBHOOK_SECRET: secret,
        CI_API_KEY: server.ready.keys["alice"] ?? "",
      },
    });
    const { endpoint } = webhook.ready as unknown as { endpoint: string }; // what serving a file writes
    const script = line
      .replaceAll("npm run -s flyte-webhook --", `node ${join(root, "dist/cli.js")}`)
      .replaceAll("http://localhost:8082", endpoint);
    const { stdout } = await run("bash", ["-ec", script], { env: { ...process.env, HOME: home } });
    expect(stdout).toContain("started");
    expect(stdout).toContain("hook:github");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("the README's app is served by the README's line, and runs a task as its caller", async () => {
  const page = await readFile(join(root, "README.md"), "utf8");
  const source = blocksOf(page).find(({ text }) => text.startsWith("// app.ts"))?.text ?? "";
  const [, args = ""] = /flyte-webhook -- (serve app\.ts) --port 8081/.exec(page) ?? [];
  const [, path = "", body = ""] =
    /curl -X POST http:\/\/localhost:8081(\S+) .* -d '([^']+)'/.exec(page) ?? [];
  const folder = await mkdtemp(join(root, "test/e2e/.readme-"));
  try {
    await writeFile(join(folder, "app.ts"), source);
    const file = join(folder, "app.ts");
    await using app = await ServerProcess.start(
      [...args.replace("app.ts", file).split(" "), "--port", "0"],
      { command: [process.execPath, join(root, "dist/cli.js")], env: { HOME: home } },
    );
    const { endpoint } = app.ready as unknown as { endpoint: string }; // what serving a file writes
    expect(await (await fetch(`${endpoint}/health`)).json()).toEqual({ status: "ok" });
    const send = (headers: Record<string, string>) =>
      fetch(`${endpoint}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
      });
    expect((await send({})).status).toBe(401);
    const answer = await send({ authorization: `Bearer ${server.ready.keys["alice"]}` });
    expect(await answer.json()).toEqual({
      run_id: expect.stringMatching(/^r[a-z0-9]{19}$/),
      url: expect.any(String),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("the README's app is deployed, and answers behind the gateway who has a key", async () => {
  const blocks = blocksOf(await readFile(join(root, "README.md"), "utf8"));
  const source = blocks.find(({ text }) => text.startsWith("// app.ts"))?.text ?? "";
  const lines = blocks.find(({ text }) => text.includes("deploy app.ts"))?.text ?? "";
  const { gateway = "", keys } = server.ready as { gateway?: string; keys: Record<string, string> };
  const folder = await mkdtemp(join(root, "test/e2e/.readme-"));
  try {
    await writeFile(join(folder, "app.ts"), source);
    const script = lines
      .replaceAll("npm run -s flyte-webhook --", `node ${join(root, "dist/cli.js")}`)
      .replaceAll("localhost:30081", new URL(gateway).host);
    const session = (key: string) =>
      run("bash", ["-ec", `key=${key}\n${script.replaceAll("curl", "curl -s")}`], {
        cwd: folder,
        env: { ...process.env, HOME: home },
      });
    const { stdout } = await session(keys["alice"] ?? "");
    expect(stdout).toMatch(/"run_id":"r[a-z0-9]{19}"/);
    expect(stdout).toMatch(/^my-app +active/m);
    expect((await session("stolen")).stdout).toContain('"status":401');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("every relative link of the pages leads to a file", async () => {
  const { existsSync, readdirSync } = await import("node:fs");
  const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].concat(
    readdirSync(join(root, "docs"))
      .filter((file) => file.endsWith(".md"))
      .map((file) => `docs/${file}`),
  );
  const broken: string[] = [];
  for (const page of pages) {
    const text = await readFile(join(root, page), "utf8");
    for (const [, link = ""] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      if (!existsSync(resolve(root, page, "..", link))) broken.push(`${page}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
});

test("every source and test that a page names is there", async () => {
  const { existsSync, readdirSync } = await import("node:fs");
  const missing: string[] = [];
  for (const file of readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"))) {
    const text = await readFile(join(root, "docs", file), "utf8");
    for (const [, path = ""] of text.matchAll(/`((?:src|test|docs|examples)\/[\w./-]+\.\w+)`/g)) {
      if (!existsSync(join(root, path))) missing.push(`${file}: ${path}`);
    }
  }
  expect(missing).toEqual([]);
});
