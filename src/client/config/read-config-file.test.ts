import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfigFile } from "./read-config-file.ts";

let base = "";
let count = 0;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "flyte-config-"));
});
afterAll(() => rm(base, { recursive: true, force: true }));

/** A home and a working directory two levels inside a git repository, with the given files. */
async function place(files: Readonly<Record<string, string>>) {
  count += 1;
  const root = join(base, String(count));
  const surroundings = { env: {}, cwd: join(root, "repository/a/b"), home: join(root, "home") };
  await mkdir(surroundings.cwd, { recursive: true });
  await mkdir(join(root, "repository/.git"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return { root, surroundings };
}

const naming = (endpoint: string): string => `admin:\n  endpoint: ${endpoint}\n`;

const order = [
  "repository/a/b/config.yaml",
  "repository/a/b/.flyte/config.yaml",
  "repository/.flyte/config.yaml",
  "uctl.yaml",
  "flytectl.yaml",
  "home/.union/config.yaml",
  "home/.flyte/config.yaml",
];

test.each(order.map((path, index) => [path, order.slice(index)] as const))(
  "%s is found before those after it",
  async (path, present) => {
    const { root, surroundings } = await place(
      Object.fromEntries(present.map((each) => [each, naming(each.replaceAll("/", "."))])),
    );
    const env = {
      ...(present.includes("uctl.yaml") ? { UCTL_CONFIG: join(root, "uctl.yaml") } : {}),
      ...(present.includes("flytectl.yaml")
        ? { FLYTECTL_CONFIG: join(root, "flytectl.yaml") }
        : {}),
    };
    expect(await readConfigFile({ ...surroundings, env })).toMatchObject({
      path: join(root, path),
      settings: { endpoint: path.replaceAll("/", ".") },
    });
  },
);

test("without any file there is nothing to read, and no error", async () => {
  const { surroundings } = await place({});
  expect(await readConfigFile(surroundings)).toBeUndefined();
});

test("a config.yaml of another program is passed over", async () => {
  const { surroundings } = await place({
    "repository/a/b/config.yaml": "server:\n  port: 80\n",
    "home/.flyte/config.yaml": naming("mine"),
  });
  expect(await readConfigFile(surroundings)).toMatchObject({ settings: { endpoint: "mine" } });
});

test("a named file is read relative to the working directory, or below ~", async () => {
  const { surroundings } = await place({
    "repository/a/b/here.yaml": naming("here"),
    "home/there.yaml": naming("there"),
  });
  expect(await readConfigFile(surroundings, "here.yaml")).toMatchObject({
    settings: { endpoint: "here" },
  });
  expect(await readConfigFile(surroundings, "~/there.yaml")).toMatchObject({
    settings: { endpoint: "there" },
  });
});

test("a named file that is missing is an error, from a variable as well", async () => {
  const { surroundings } = await place({ "home/.flyte/config.yaml": naming("other") });
  await expect(readConfigFile(surroundings, "absent.yaml")).rejects.toThrow(
    `Configuration file ${join(surroundings.cwd, "absent.yaml")} does not exist`,
  );
  await expect(
    readConfigFile({ ...surroundings, env: { UCTL_CONFIG: "/absent.yaml" } }),
  ).rejects.toThrow("Configuration file /absent.yaml does not exist");
});

test("a file that cannot be read is an error naming it", async () => {
  const { root, surroundings } = await place({ "home/.flyte/config.yaml/folder": "" });
  await expect(readConfigFile(surroundings)).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringContaining(
      `${join(root, "home/.flyte/config.yaml")} cannot be read (EISDIR)`,
    ),
  });
});

test.skipIf(process.getuid?.() === 0)(
  "a file without permission is an error naming it",
  async () => {
    const { root, surroundings } = await place({ "home/.flyte/config.yaml": naming("x") });
    await chmod(join(root, "home/.flyte/config.yaml"), 0);
    await expect(readConfigFile(surroundings)).rejects.toThrow("cannot be read (EACCES)");
  },
);

test.each([
  ["admin: [\n", "not valid YAML"],
  ["admin:\n  endpoint: a: planted-secret\n", ", line 2, column"],
  [
    "admin:\n\n  insecure: planted-secret\n",
    ", line 3: admin.insecure is not valid: expected true or false",
  ],
  [
    "admin:\n  authType: planted-secret\n",
    ", line 2: admin.authType is not valid: expected one of Pkce, ClientSecret",
  ],
  ["admin:\n  command: planted-secret\n", ", line 2: admin.command is not valid: expected a list"],
  ["- planted-secret\n", 'expected sections such as "admin:"'],
  ["planted-secret\n", 'expected sections such as "admin:"'],
])("%j is refused with file, line and remedy, without its values", async (text, message) => {
  const { root, surroundings } = await place({ "home/.flyte/config.yaml": text });
  const error = await readConfigFile(surroundings).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "invalid_config" });
  const shown = error instanceof Error ? error.message : "";
  expect(shown).toContain(message);
  expect(shown).toContain(join(root, "home/.flyte/config.yaml"));
  expect(shown).toContain("Correct it");
  expect(shown).not.toContain("planted-secret");
});

test("everything a file can say is read with its type; null, empty and unknown keys are left out", async () => {
  const { surroundings } = await place({
    "home/.flyte/config.yaml": `
admin:
  endpoint: dns:///flyte.example.com
  insecure: "false"
  insecureSkipVerify: yes
  authType: ExternalCommand
  command: [gcloud, auth, print-access-token]
  clientId: 42
  scopes: null
  futureSetting: 1
task:
  project: demo
  domain: ""
image:
  builder: remote
  image_refs: { base: "a:1" }
local:
  tracked: true
other: 7
`,
  });
  expect(await readConfigFile(surroundings)).toMatchObject({
    notices: [],
    settings: {
      endpoint: "dns:///flyte.example.com",
      insecure: false,
      insecureSkipVerify: true,
      authType: "ExternalCommand",
      command: ["gcloud", "auth", "print-access-token"],
      clientId: "42",
      project: "demo",
      imageBuilder: "remote",
      imageRefs: { base: "a:1" },
    },
  });
});

test("a likely typing error is pointed out and does no harm", async () => {
  const { root, surroundings } = await place({
    "home/.flyte/config.yaml": "admin:\n  endpoit: a\n  clientid: b\ntaks:\n  project: c\n",
  });
  const path = join(root, "home/.flyte/config.yaml");
  expect((await readConfigFile(surroundings))?.notices).toEqual([
    `${path}: unknown key admin.endpoit; did you mean admin.endpoint?`,
    `${path}: unknown key admin.clientid; did you mean admin.clientId?`,
    `${path}: unknown key taks.project; did you mean task.project?`,
  ]);
});

test("aliases that multiply without bound are refused", async () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (const [to, from] of ["ba", "cb", "dc", "ed", "fe", "gf"]) {
    bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(", ")}]`);
  }
  const { surroundings } = await place({ "home/.flyte/config.yaml": bomb.join("\n") });
  await expect(readConfigFile(surroundings)).rejects.toThrow("its aliases are too many");
});
