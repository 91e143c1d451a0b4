import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectRefused, toJson, useCommandDevbox } from "../support/command-devbox.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";

/** Secrets and API keys by the command, and what tasks see of secrets. */
const devbox = useCommandDevbox(["dev", "--no-tasks"]);

function flyte(line: readonly string[], env: NodeJS.ProcessEnv = {}, stdin = "") {
  return devbox.flyte(line, { env, stdin });
}

describe("secrets", () => {
  test("are created, listed, shown, replaced and deleted, and their values never printed", async () => {
    const printed: CommandResult[] = [];
    const keep = async (line: readonly string[], stdin?: string) => {
      const result = await flyte(line, {}, stdin);
      printed.push(result);
      return result;
    };
    expect((await keep(["create", "secret", "a-key", "--value", "planted-1"])).stdout).toMatch(
      /^created +a-key\nproject +flytesnacks\ndomain +development\n$/,
    );
    expectRefused(
      await keep(["create", "secret", "a-key", "--value", "planted-2"]),
      2,
      /exists already.*--update/,
    );
    await writeFile(join(devbox.folder, "value.bin"), Buffer.from([0, 255, 10]));
    const wide = ["--global", "-d", "staging"];
    for (const line of [
      ["create", "secret", "a-key", "--value", "planted-3", "--update"],
      ["create", "secret", "b-key", "--from-file", "value.bin", "--global"],
      ["create", "secret", "c-key", "--value", "planted-4", ...wide, "--type", "image_pull"],
    ]) {
      expect((await keep(line)).code).toBe(0);
    }
    const piped = await keep(["create", "secret", "d-key", "--global"], "planted-5\n");
    expect(piped).toMatchObject({ code: 0, stderr: expect.stringMatching(/line break/) });

    const here = toJson(await keep(["get", "secret", "--json"]));
    expect(here).toEqual([
      {
        name: "a-key",
        project: "flytesnacks",
        domain: "development",
        type: "regular",
        createdAt: expect.stringMatching(/^\d{4}-/),
        presence: "full",
      },
    ]);
    const names = async (line: readonly string[]) =>
      toJson(await keep(["get", "secret", "--json", ...line])).map(
        ({ name }: { name: string }) => name,
      );
    expect(await names(["--global"])).toEqual(["b-key", "d-key"]);
    expect(await names(["--global", "--limit", "1"])).toEqual(["b-key"]);
    expect(await names(wide)).toEqual(["c-key"]);
    expect((await keep(["get", "secret", "c-key", ...wide])).stdout).toMatch(
      /^secret +c-key\nproject +\(all\)\ndomain +staging\ntype +image_pull\ncreated .*\nin clusters +full\n$/,
    );
    expect((await keep(["get", "secret", "--global"])).stdout).toMatch(
      /^NAME +PROJECT +DOMAIN +TYPE +CREATED\nb-key +\(all\) +\(all\) +regular/,
    );
    expect((await keep(["delete", "secret", "a-key"])).stdout).toMatch(/^deleted +a-key\n$/);
    expect(toJson(await keep(["delete", "secret", "c-key", ...wide, "--yes", "--json"]))).toEqual({
      name: "c-key",
      deleted: true,
    });
    expectRefused(await keep(["get", "secret", "a-key"]), 3, /"a-key".*not found/);
    expect(JSON.stringify(printed)).not.toContain("planted");
    expect(devbox.server.stderr).not.toContain("planted");
  });

  test.each([
    ["two sources of its value", ["x", "--value", "a", "--from-file", "b"], 2, /not both/],
    ["a file that is not there", ["x", "--from-file", "absent"], 2, /absent.*ENOENT.*--from-file/],
    ["an empty value", ["x"], 2, /0 bytes/],
    ["a name that is none", ["x y", "--value", "a"], 2, /letters, digits/],
    ["a project of all projects", ["x", "--value", "a", "--global", "-p", "ml"], 2, /all projects/],
    ["no right to it", ["x", "--value", "a", "--user", "bob"], 4, /bob may not deploy/],
    ["no right to all", ["x", "--value", "a", "--global", "--user", "bob"], 4, /bob may not/],
  ])("with %s are refused", async (_, line, code, says) => {
    expectRefused(await flyte(["create", "secret", ...line]), code, says);
  });

  test("reach a task's process for its own run and no other", async () => {
    await writeFile(
      join(devbox.folder, "tasks.ts"),
      `import { readFileSync } from "node:fs";
import { defineTask, t } from "flyte-webhook/tasks";
const seen = () => Object.keys(process.env).filter((name) => /TOKEN|SECRETS/.test(name)).sort();
export const asking = defineTask(
  {
    name: "secrets.asking",
    outputs: { names: t.list(t.string()), file: t.string(), good: t.boolean() },
    secrets: ["api-token", { key: "api-token", asEnvVar: "OWN_TOKEN" }, { key: "cert", mount: "/etc/flyte/secrets" }],
  },
  async () => ({
    names: seen(),
    file: readFileSync(\`\${process.env.FLYTE_SECRETS_DEFAULT_DIR}/cert\`, "utf8"),
    good: process.env.API_TOKEN === "planted-token" && process.env.OWN_TOKEN === "planted-token",
  }),
);
export const other = defineTask(
  { name: "secrets.other", outputs: { names: t.list(t.string()) } },
  async () => ({ names: seen() }),
);\n`,
    );
    expect((await flyte(["deploy", "tasks.ts"])).code).toBe(0);
    const missing = await flyte(["run", "secrets.asking", "--wait"]);
    expect(missing.code).toBe(1);
    expect(missing.stderr + missing.stdout).toMatch(
      /no secret "api-token", "cert" for flytesnacks\/development.*flyte-webhook create secret api-token --project flytesnacks --domain development/,
    );
    await flyte(["create", "secret", "api-token", "--value", "planted-token"]);
    await flyte(["create", "secret", "cert", "--global"], {}, "a certificate\n");
    expect(toJson(await flyte(["get", "task", "secrets.asking", "--json"])).secrets).toEqual([
      "api-token",
      "api-token",
      "cert",
    ]);
    const variables = ["FLYTE_SECRETS_DEFAULT_DIR", "FLYTE_SECRETS_ENV_PREFIX"];
    variables.push("FLYTE_SECRETS_FILE_PREFIX", "FLYTE_TASK_TOKEN");
    for (const round of [1, 2]) {
      const asking = await flyte(["run", "secrets.asking", "--wait", "--json"]);
      expect({ round, ...toJson(asking) }).toMatchObject({
        outputs: {
          o0: ["API_TOKEN", ...variables, "OWN_TOKEN", "_UNION_API-TOKEN"],
          o1: "a certificate\n",
          o2: true,
        },
      });
      const other = await flyte(["run", "secrets.other", "--wait", "--json"]);
      expect(toJson(other)).toMatchObject({ outputs: { o0: ["FLYTE_TASK_TOKEN"] } });
    }
  });
});

describe("API keys", () => {
  test("one key is shown by its name or id, and revoked by either", async () => {
    const created = toJson(await flyte(["create", "api-key", "--name", "by-name", "--json"]));
    expect(created).toMatchObject({ name: "by-name", user: "alice", clientId: created.id });
    expect(Buffer.from(created.apiKey, "base64").toString()).toBe(
      `${devbox.server.ready.controlPlane}:${created.id}:${created.clientSecret}:`,
    );
    expect(created.key).toBe(`fwk_${created.id}_${created.clientSecret}`);
    for (const name of ["by-name", created.id]) {
      const shown = await flyte(["get", "api-key", name, "--json"]);
      expect(toJson(shown)).toEqual({
        id: created.id,
        name: "by-name",
        user: "alice",
        createdAt: created.createdAt,
        expiresAt: null,
      });
      expect(shown.stdout).not.toContain(created.clientSecret);
    }
    expect((await flyte(["get", "api-key", "by-name"])).stdout).toMatch(/^api key +[0-9a-f]{16}\n/);
    expect((await flyte(["delete", "api-key", "by-name", "--yes"])).code).toBe(0);
    expectRefused(await flyte(["get", "api-key", "by-name"]), 3, /"by-name".*get api-key/);
    expectRefused(await flyte(["delete", "api-key", "by-name"]), 3, /"by-name"/);
  });

  test("a name that two keys have shows both and revokes neither", async () => {
    const ids = [];
    for (const _ of [1, 2])
      ids.push(toJson(await flyte(["create", "api-key", "two", "--json"])).id);
    expect(toJson(await flyte(["get", "api-key", "two", "--json"]))).toHaveLength(2);
    const refused = await flyte(["delete", "api-key", "two"]);
    expectRefused(refused, 2, /Several keys/);
    for (const id of ids) expect(refused.stderr).toContain(id);
  });

  test.each([
    ["without a name", [], /create api-key NAME/],
    ["with two names", ["a", "--name", "b"], /Two names/],
  ])("a key %s is refused", async (_, line, says) => {
    expectRefused(await flyte(["create", "api-key", ...line]), 2, says);
  });

  test("a key alone tells a command where to go and as whom, without the devbox's state", async () => {
    const line = ["create", "api-key", "alone", "--for", "alone-bot", "--role", "contributor"];
    const { apiKey, key } = toJson(await flyte([...line, "--json"]));
    const env = { FLYTE_API_KEY: apiKey };
    const bare = await runCommand(["whoami", "--json"], {
      command: devbox.command,
      cwd: devbox.folder,
      env,
    });
    expect(toJson(bare)).toMatchObject({ subject: "alone-bot" });
    const where = ["--endpoint", devbox.server.ready.controlPlane];
    const plain = await runCommand(["whoami", "--json", ...where], {
      command: devbox.command,
      cwd: devbox.folder,
      env: { FLYTE_API_KEY: key },
    });
    expect(toJson(plain)).toMatchObject({ subject: "alone-bot" });
    expectRefused(await flyte(["get", "api-key"], env), 4, /alone-bot may not/);
  });
});
