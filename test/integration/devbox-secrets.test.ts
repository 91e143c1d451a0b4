import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { openDatabase } from "../../src/devbox/store/database.ts";
import { OverallStatus, SecretPresenceStatus, SecretType } from "../../src/idl/secrets.ts";
import { Secret_MountType, type SecretSchema } from "../../src/idl/security.ts";
import { connect } from "../support/devbox-client.ts";

/** Secrets on the devbox: who may do what, how values are kept, and who gets them. */
let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
});

afterAll(() => devbox?.close());

const alice = () => connect(devbox, "alice");
const bob = () => connect(devbox, "bob");
const here = { project: "flytesnacks", domain: "development" } as const;
const text = (value: string) => ({ value: { case: "stringValue" as const, value } });
const bytes = (value: Uint8Array) => ({ value: { case: "binaryValue" as const, value } });

test("a secret is created once, replaced, listed and deleted, and its value never told", async () => {
  const { secrets } = alice();
  const id = { ...here, name: "planted-name" };
  const before = Date.now() - 1;
  await secrets.createSecret({ id, secretSpec: text("planted-value") });
  await expect(secrets.createSecret({ id, secretSpec: text("other") })).rejects.toMatchObject({
    code: Code.AlreadyExists,
  });
  const first = (await secrets.getSecret({ id })).secret;
  const type = SecretType.IMAGE_PULL_SECRET;
  await secrets.updateSecret({ id, secretSpec: { ...bytes(Uint8Array.of(0, 255)), type } });
  const { secret } = await secrets.getSecret({ id });
  expect(secret).toMatchObject({
    id,
    secretMetadata: {
      type,
      createdTime: first?.secretMetadata?.createdTime,
      secretStatus: {
        overallStatus: OverallStatus.FULLY_PRESENT,
        clusterStatus: [
          { cluster: { name: "devbox" }, presenceStatus: SecretPresenceStatus.PRESENT },
        ],
      },
    },
  });
  const created = first?.secretMetadata?.createdTime;
  expect(created && timestampMs(created)).toBeGreaterThan(before);
  const list = await secrets.listSecrets(here);
  expect(list.secrets).toEqual([secret]);
  expect(inspect([first, secret, list], { depth: null })).not.toContain("planted-value");
  await secrets.deleteSecret({ id });
  for (const call of [
    secrets.getSecret({ id }),
    secrets.deleteSecret({ id }),
    secrets.updateSecret({ id, secretSpec: text("x") }),
  ]) {
    await expect(call).rejects.toMatchObject({
      code: Code.NotFound,
      rawMessage: 'secret "planted-name" (flytesnacks/development) not found',
    });
  }
});

test("a list has the secrets of exactly one scope, by name and page by page", async () => {
  const { secrets } = alice();
  const domain = "staging";
  const names = ["c", "A", "b", "a", "B"];
  for (const name of names) {
    await secrets.createSecret({
      id: { project: "flytesnacks", domain, name },
      secretSpec: text("x"),
    });
  }
  await secrets.createSecret({ id: { domain, name: "wide" }, secretSpec: text("x") });
  await secrets.createSecret({ id: { name: "global" }, secretSpec: text("x") });
  const pages: string[][] = [];
  let token = "";
  do {
    const page = await secrets.listSecrets({ project: "flytesnacks", domain, limit: 2, token });
    pages.push(page.secrets.map(({ id }) => id?.name ?? ""));
    token = page.token;
  } while (token !== "");
  expect(pages).toEqual([["A", "B"], ["a", "b"], ["c"]]);
  const namesOf = async (scope: { domain?: string }) =>
    (await secrets.listSecrets(scope)).secrets.map(({ id }) => id?.name);
  expect(await namesOf({ domain })).toEqual(["wide"]);
  expect(await namesOf({})).toEqual(["global"]);
  await secrets.deleteSecret({ id: { name: "global" } });
});

test.each<[what: string, id: { name: string; project?: string; domain?: string }, says: string]>([
  ["no name", { name: "" }, "id.name is required"],
  ["a path as its name", { name: "../x" }, "id.name must have"],
  ["a line break in its name", { name: "x\n" }, "id.name must have"],
  [
    "a project without a domain",
    { name: "x", project: "flytesnacks", domain: "" },
    "needs its domain",
  ],
  ["a domain of control characters", { name: "x", domain: "a\u0000" }, "domain must have"],
])("a secret with %s is an invalid argument", async (_, id, message) => {
  for (const call of [
    alice().secrets.createSecret({ id: { ...here, ...id }, secretSpec: text("x") }),
    alice().secrets.getSecret({ id: { ...here, ...id } }),
    alice().secrets.deleteSecret({ id: { ...here, ...id } }),
  ]) {
    await expect(call).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: expect.stringContaining(message),
    });
  }
});

test.each([
  ["no value", {}, "string_value or a binary_value"],
  ["an empty value", text(""), "has 0 bytes"],
  ["more than 1 MiB", bytes(new Uint8Array(1024 * 1024 + 1)), "at most 1048576"],
  ["an unknown type", { ...text("x"), type: 7 }, "type 7"],
])("a secret with %s is an invalid argument", async (_, secretSpec, message) => {
  const id = { ...here, name: "bad" };
  await expect(alice().secrets.createSecret({ id, secretSpec })).rejects.toMatchObject({
    code: Code.InvalidArgument,
    rawMessage: expect.stringContaining(message),
  });
});

test("a list with a wrong token or limit, and a project that is not there, are refused", async () => {
  const { secrets } = alice();
  for (const page of [{ token: "a b" }, { limit: -1 }, { limit: 201 }, { project: "p" }]) {
    await expect(secrets.listSecrets(page)).rejects.toMatchObject({ code: Code.InvalidArgument });
  }
  const id = { project: "absent", domain: "development", name: "x" };
  await expect(secrets.createSecret({ id, secretSpec: text("x") })).rejects.toMatchObject({
    code: Code.NotFound,
  });
});

test("who may only run or read sees names of secrets and changes none", async () => {
  const ids = [{ ...here, name: "r" }, { domain: "development", name: "r" }, { name: "r" }];
  for (const id of ids) await alice().secrets.createSecret({ id, secretSpec: text("x") });
  const { secrets } = bob();
  for (const id of ids) {
    expect((await secrets.getSecret({ id })).secret?.id).toMatchObject(id);
    for (const call of [
      secrets.createSecret({ id: { ...id, name: "own" }, secretSpec: text("x") }),
      secrets.updateSecret({ id, secretSpec: text("x") }),
      secrets.deleteSecret({ id }),
    ]) {
      await expect(call).rejects.toMatchObject({ code: Code.PermissionDenied });
    }
  }
  const stranger = connect({ ...devbox, keys: { bob: "nobody" } }, "bob");
  await expect(stranger.secrets.listSecrets({})).rejects.toMatchObject({
    code: Code.Unauthenticated,
  });
  for (const id of ids) await alice().secrets.deleteSecret({ id });
});

/** Runs a script with these secrets and tells how it ended. */
async function runScript(
  script: string,
  secrets: readonly MessageInitShape<typeof SecretSchema>[],
  options: { readonly retries?: number; readonly box?: Devbox } = {},
) {
  const client = connect(options.box ?? devbox, "alice");
  const name = `secrets.t${Math.random().toString(36).slice(2)}`;
  const task = await client.deployScript(name, script, { secrets, retries: options.retries ?? 0 });
  const { attempts } = await client.reach(await client.start(task));
  return { attempts: attempts.length, error: attempts.at(-1)?.errorInfo };
}

const env = Secret_MountType.ENV_VAR;
const file = Secret_MountType.FILE;

test("a task gets its secrets as the variables that the SDK reads, as they were stored", async () => {
  const { secrets } = alice();
  await secrets.createSecret({ id: { ...here, name: "my-key" }, secretSpec: text("a b\n\n") });
  await secrets.createSecret({
    id: { ...here, name: "other" },
    secretSpec: bytes(Buffer.from("bïn")),
  });
  const script = `
    [ "$MY_KEY" = "$(printf 'a b\\n\\n_')" ] && exit 10
    [ "$MY_KEY"_ = "$(printf 'a b\\n\\n_')" ] || exit 11
    [ "$OWN" = "$MY_KEY" ] || exit 12
    [ "$(tr '\\0' '\\n' < /proc/$$/environ | grep -c '^_UNION_MY-KEY=a b')" = 1 ] || exit 13
    [ "$DB_OTHER" = bïn ] || exit 14
    [ "$FLYTE_SECRETS_ENV_PREFIX" = _UNION_ ] || exit 15
    [ -z "$FLYTE_SECRETS_DEFAULT_DIR" ] || exit 16`;
  const wanted = [
    { key: "my-key" },
    { key: "my-key", envVar: "OWN", mountRequirement: env },
    { key: "other", group: "db" },
  ];
  expect(await runScript(script, wanted)).toEqual({ attempts: 1, error: undefined });
});

test("a task gets a secret as a file that only its owner reads and that is gone afterwards", async () => {
  const { secrets } = alice();
  const value = Uint8Array.of(0, 255, 10, 13);
  await secrets.createSecret({ id: { ...here, name: "cert" }, secretSpec: bytes(value) });
  const folder = await mkdtemp(join(tmpdir(), "flyte-secret-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const script = `
    dir="$FLYTE_SECRETS_DEFAULT_DIR"
    [ "$(stat -c %a "$dir" "$dir/cert" "$dir/tls/cert" | xargs)" = "700 400 400" ] || exit 10
    [ "$FLYTE_SECRETS_FILE_PREFIX" = "" ] || exit 11
    [ "$CERT_FILE" = "$dir/cert" ] || exit 12
    [ "$(od -An -tx1 < "$dir/tls/cert" | xargs)" = "00 ff 0a 0d" ] || exit 13
    env | grep -q _UNION_CERT && exit 14
    printf %s "$dir" > ${folder}/where`;
  const wanted = [{ key: "cert", group: "tls", envVar: "CERT_FILE", mountRequirement: file }];
  expect(await runScript(script, wanted)).toEqual({ attempts: 1, error: undefined });
  const where = await readFile(join(folder, "where"), "utf8");
  await expect(readdir(where)).rejects.toMatchObject({ code: "ENOENT" });
});

test("the narrowest scope wins", async () => {
  const { secrets } = alice();
  const wanted = [{ key: "where", envVar: "WHERE" }];
  const scopes = [{}, { domain: "development" }, here];
  for (const [index, scope] of scopes.entries()) {
    const id = { ...scope, name: "where" };
    await secrets.createSecret({ id, secretSpec: text(`scope-${index}`) });
    const seen = await runScript(`[ "$WHERE" = scope-${index} ] || exit 10`, wanted);
    expect(seen).toEqual({ attempts: 1, error: undefined });
  }
  await secrets.createSecret({
    id: { project: "flytesnacks", domain: "production", name: "elsewhere" },
    secretSpec: text("x"),
  });
  expect((await runScript("true", [{ key: "elsewhere" }])).error?.message).toContain("elsewhere");
});

test("missing secrets fail the attempt at once, all named, with the remedy, and not again", async () => {
  const seen = await runScript("true", [{ key: "lost-1" }, { key: "lost-2" }, { key: "a/b" }], {
    retries: 3,
  });
  expect(seen.attempts).toBe(1);
  expect(seen.error?.message).toBe(
    'There is no secret "lost-1", "lost-2", "a/b" for flytesnacks/development: neither there, nor for all projects of development, nor globally. ' +
      "Create them with: flyte-webhook create secret lost-1 --project flytesnacks --domain development; " +
      "flyte-webhook create secret lost-2 --project flytesnacks --domain development",
  );
});

test.each([
  ["bytes that are no text as a variable", Uint8Array.of(255), {}, "is not text"],
  ["a NUL as a variable", Buffer.from("a\0b"), {}, "is not text"],
  ["200 KiB as a variable", Buffer.alloc(200 * 1024, 97), {}, "128 KiB"],
  ["a variable with a senseless name", Buffer.from("x"), { envVar: "A=B" }, "no variable has"],
  [
    "a group that leads out of its folder",
    Buffer.from("x"),
    { group: "../..", mountRequirement: file },
    "cannot be a folder",
  ],
])("%s is refused without a retry", async (what, value, how, message) => {
  const name = what.replaceAll(/[^a-z]/g, "");
  await alice().secrets.createSecret({ id: { ...here, name }, secretSpec: bytes(value) });
  const seen = await runScript("true", [{ key: name, ...how }], { retries: 3 });
  expect(seen).toMatchObject({ attempts: 1, error: { message: expect.stringContaining(message) } });
});

test("a secret that a failing task prints to its error is masked there", async () => {
  const id = { ...here, name: "loud" };
  await alice().secrets.createSecret({ id, secretSpec: text("planted-loud-value\n") });
  const { error } = await runScript('echo "with $LOUD" >&2; exit 3', [{ key: "loud" }]);
  expect(error?.message).toContain("with ***");
  expect(error?.message).not.toContain("planted");
});

async function stateFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-secret-state-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return join(folder, "state");
}

/** The files below a folder that hold the text. */
async function filesWith(folder: string, planted: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(planted)) found.push(path);
  }
  return found;
}

test("no file of the state and no log line holds a value, running or closed", async () => {
  const state = await stateFolder();
  const lines: unknown[] = [];
  const write = (...line: unknown[]) => void lines.push(line);
  const log = { debug: write, info: write, warn: write, error: write };
  const box = await startDevbox({ state, port: 0, log });
  try {
    const { secrets } = connect(box, "alice");
    const id = { ...here, name: "planted-name" };
    await secrets.createSecret({ id, secretSpec: text("planted-value-1") });
    await secrets.updateSecret({ id, secretSpec: bytes(Buffer.from("planted-value-2")) });
    await secrets.createSecret({ id, secretSpec: text("planted-value-3") }).catch(() => undefined);
    const both = [
      { key: "planted-name", envVar: "P" },
      { key: "planted-name", mountRequirement: file },
    ];
    const script =
      '[ "$P" = planted-value-2 ] && cat $FLYTE_SECRETS_DEFAULT_DIR/* | grep -q planted';
    expect(await runScript(script, both, { box })).toEqual({ attempts: 1, error: undefined });
    expect(await filesWith(state, "planted-value")).toEqual([
      // The script of the task itself.
      expect.stringMatching(/devbox\.db(-wal)?$/),
    ]);
  } finally {
    await box.close();
  }
  expect(await filesWith(state, "planted-name")).not.toEqual([]);
  expect(JSON.stringify(lines)).not.toContain("planted-value");
});

test("a lost key is told with the name of the secret, and a new value mends it", async () => {
  const state = await stateFolder();
  const id = { ...here, name: "kept" };
  const first = await startDevbox({ state, port: 0 });
  await connect(first, "alice").secrets.createSecret({ id, secretSpec: text("x") });
  await first.close();
  await writeFile(join(state, "secret-key"), Buffer.alloc(32, 7));
  await using second = await startDevbox({ state, port: 0 });
  const broken = await runScript("true", [{ key: "kept" }], { box: second, retries: 3 });
  expect(broken).toMatchObject({
    attempts: 1,
    error: {
      message: expect.stringMatching(/"kept" \(flytesnacks\/development\).*secret-key.*--update/),
    },
  });
  await connect(second, "alice").secrets.updateSecret({ id, secretSpec: text("new") });
  const mended = await runScript('[ "$KEPT" = new ]', [{ key: "kept" }], { box: second });
  expect(mended).toEqual({ attempts: 1, error: undefined });
});

test("values outlive a restart, and do not open in each other's rows", async () => {
  const state = await stateFolder();
  const first = await startDevbox({ state, port: 0 });
  for (const name of ["one", "two"]) {
    const id = { ...here, name };
    await connect(first, "alice").secrets.createSecret({ id, secretSpec: text(name) });
  }
  await first.close();
  const second = await startDevbox({ state, port: 0 });
  const script = '[ "$ONE$TWO" = onetwo ]';
  const both = [{ key: "one" }, { key: "two" }];
  expect(await runScript(script, both, { box: second })).toMatchObject({ error: undefined });
  await second.close();
  const database = openDatabase(join(state, "devbox.db"));
  database.execute(
    "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'one') WHERE name = 'two'",
  );
  await database.close();
  await using third = await startDevbox({ state, port: 0 });
  const { error } = await runScript(script, both, { box: third });
  expect(error?.message).toMatch(/^The secret "two" .* cannot be decrypted/);
});

test("files that a crash left behind are removed by the next start", async () => {
  const state = await stateFolder();
  await using box = await startDevbox({ state, port: 0 });
  const { secrets } = connect(box, "alice");
  await secrets.createSecret({ id: { ...here, name: "f" }, secretSpec: text("planted-file") });
  const client = connect(box, "alice");
  const task = await client.deployScript("secrets.slow", "sleep 600", {
    secrets: [{ key: "f", mountRequirement: file }],
  });
  await client.reach(await client.start(task), "running");
  const [left = ""] = await filesWith(state, "planted-file");
  expect(left).toContain("secrets");
  await box.close();
  await expect(readdir(dirname(left))).rejects.toMatchObject({ code: "ENOENT" });
  // As a crash would have left it. The run goes on after the start, with a folder of its own.
  await mkdir(dirname(left), { recursive: true });
  await writeFile(left, "planted-file", { mode: 0o400 });
  await using _ = await startDevbox({ state, port: 0 });
  await expect(readdir(dirname(left))).rejects.toMatchObject({ code: "ENOENT" });
});
