import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chooseAuth } from "./choose-auth.ts";
import type { Environment } from "./environment.ts";
import { mergeSources } from "./merge-sources.ts";
import { readSecret } from "./read-secret.ts";
import { type GivenSettings, readSources, type Sources } from "./sources.ts";

let base = "";

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "flyte-merge-"));
});
afterAll(() => rm(base, { recursive: true, force: true }));

async function read(given: GivenSettings, env: Environment, file = ""): Promise<Sources> {
  const home = await mkdtemp(join(base, "home-"));
  await mkdir(join(home, ".flyte"));
  await writeFile(join(home, ".flyte/config.yaml"), file);
  return readSources(given, { env, cwd: home, home });
}

const keyOf = (text: string): string => Buffer.from(text).toString("base64");
const key = keyOf("key.example.com:key-id:key-secret:key-org");

test.each<[string, GivenSettings, Environment, string, object]>([
  [
    "an argument wins over the environment and the file",
    { project: "a" },
    { FLYTE_TASK_PROJECT: "b" },
    "task: {project: c}",
    { project: "a" },
  ],
  [
    "the environment wins over the file",
    {},
    { FLYTE_TASK_PROJECT: "b" },
    "task: {project: c}",
    { project: "b" },
  ],
  [
    "the environment counts without a file",
    {},
    { FLYTE_ADMIN_ENDPOINT: "b" },
    "",
    { endpoint: "b" },
  ],
  ["the file wins over the default", {}, {}, "task: {project: c}", { project: "c" }],
  [
    "false in the environment wins over true in the file",
    {},
    { FLYTE_ADMIN_INSECURE: "false" },
    "admin: {insecure: true}",
    { insecure: false },
  ],
  [
    "each setting is merged by itself",
    { domain: "a" },
    { FLYTE_TASK_PROJECT: "b" },
    "task: {org: c}",
    { domain: "a", project: "b", org: "c" },
  ],
  [
    "a given endpoint wins over the one in a given key",
    { endpoint: "a", apiKey: key },
    {},
    "",
    { endpoint: "a", org: "key-org" },
  ],
  [
    "a given key's endpoint wins over the environment",
    { apiKey: key },
    { FLYTE_ENDPOINT: "b" },
    "",
    { endpoint: "key.example.com", org: "key-org" },
  ],
  [
    "the environment's endpoint wins over the one in its key",
    {},
    { FLYTE_ENDPOINT: "b", FLYTE_API_KEY: key },
    "",
    { endpoint: "b", org: "key-org" },
  ],
  [
    "a key's endpoint in the environment wins over the file",
    {},
    { EAGER_API_KEY: key },
    "admin: {endpoint: c}",
    { endpoint: "key.example.com", org: "key-org" },
  ],
  [
    "an explicit org wins over the key's",
    { org: "a" },
    { FLYTE_API_KEY: key },
    "",
    { endpoint: "key.example.com", org: "a" },
  ],
])("%s", async (_name, given, env, file, merged) => {
  expect(mergeSources(await read(given, env, file))).toEqual(merged);
});

test("the file's connection settings stay with the file's endpoint", async () => {
  const file =
    "admin: {endpoint: c.example.com, insecure: true, command: [x]}\nconsole: {endpoint: d}\ntask: {project: p}";
  expect(mergeSources(await read({ endpoint: "a" }, {}, file))).toEqual({
    endpoint: "a",
    project: "p",
  });
  const other = await read({}, { FLYTE_ENDPOINT: "b" }, file);
  expect(mergeSources(other)).toEqual({ endpoint: "b", project: "p" });
  expect(chooseAuth(other)).toMatchObject({ type: "Pkce" });
  const same = await read({ endpoint: "dns:///c.example.com" }, {}, file);
  expect(mergeSources(same)).toMatchObject({ insecure: true, consoleEndpoint: "d" });
  expect(chooseAuth(same)).toEqual({ type: "ExternalCommand", command: ["x"] });
});

test("client credentials of the environment are not sent to an endpoint given in code", async () => {
  const sources = await read({ endpoint: "https://other.example.com" }, { FLYTE_API_KEY: key });
  expect(() => mergeSources(sources)).toThrow(
    "The API key in the environment belongs to key.example.com, not to the endpoint https://other.example.com.",
  );
  const same = await read({ endpoint: "https://key.example.com" }, { FLYTE_API_KEY: key });
  expect(mergeSources(same)).toMatchObject({ endpoint: "https://key.example.com" });
});

test("a broken key in a variable is refused by the variable's name", async () => {
  await expect(read({}, { FLYTE_API_KEY: keyOf("a:b") })).rejects.toThrow(
    "FLYTE_API_KEY: The API key is not valid: it holds 2 parts",
  );
});

const secretFile = "admin: {clientId: file-id, clientSecretLocation: secret.txt, authType: Pkce}";

test.each<[string, GivenSettings, Environment, string, object]>([
  [
    "a given key wins over all",
    { apiKey: "fwk_given" },
    { FLYTE_API_KEY: key },
    secretFile,
    { type: "Bearer", token: "fwk_given" },
  ],
  [
    "a given auth type wins over a key in the environment",
    { authType: "DeviceFlow" },
    { FLYTE_API_KEY: key },
    "",
    { type: "DeviceFlow" },
  ],
  [
    "a key in the environment wins over the file",
    {},
    { FLYTE_API_KEY: key },
    secretFile,
    { type: "ClientSecret", clientId: "key-id", secret: { value: "key-secret" } },
  ],
  [
    "FLYTE_API_KEY wins over the cluster's keys",
    {},
    { FLYTE_API_KEY: "a", _UNION_EAGER_API_KEY: "b", EAGER_API_KEY: "c" },
    "",
    { type: "Bearer", token: "a" },
  ],
  [
    "the cluster's keys have their order",
    {},
    { _UNION_EAGER_API_KEY: "b", EAGER_API_KEY: "c" },
    "",
    { type: "Bearer", token: "b" },
  ],
  [
    "a secret means that it is to be used",
    {},
    {},
    secretFile,
    { type: "ClientSecret", clientId: "file-id", secret: { file: "secret.txt" } },
  ],
  [
    "the stronger source's secret wins",
    {},
    { FLYTE_ADMIN_CLIENTSECRETLOCATION: "env.txt" },
    "admin: {clientId: i, clientSecretEnvVar: V}",
    { type: "ClientSecret", secret: { file: "env.txt" } },
  ],
  [
    "within one source the variable wins over the file",
    {},
    {},
    "admin: {clientId: i, clientSecretEnvVar: V, clientSecretLocation: l}",
    { type: "ClientSecret", secret: { variable: "V" } },
  ],
  [
    "a command alone means ExternalCommand",
    {},
    { FLYTE_ADMIN_COMMAND: "get token" },
    "",
    { type: "ExternalCommand", command: ["get", "token"] },
  ],
  [
    "Passthrough ignores a secret",
    { authType: "Passthrough" },
    {},
    secretFile,
    { type: "Passthrough" },
  ],
  [
    "without any of it a person signs in",
    { clientId: "mine" },
    {},
    "",
    { type: "Pkce", clientId: "mine" },
  ],
])("%s", async (_name, given, env, file, choice) => {
  expect(chooseAuth(await read(given, env, file))).toMatchObject(choice);
});

test.each<[GivenSettings, string]>([
  [{ authType: "ClientSecret" }, "authType ClientSecret needs a client id. Give clientId"],
  [
    { authType: "ClientSecret", clientId: "i" },
    "authType ClientSecret needs a client secret. Give clientSecret",
  ],
  [{ authType: "ExternalCommand" }, "authType ExternalCommand needs a command. Give command"],
])("%j is refused with what is missing", async (given, message) => {
  const sources = await read(given, {});
  expect(() => chooseAuth(sources)).toThrow(message);
});

test("a secret is read where it is kept, without its last line break; its absence is named", async () => {
  const surroundings = { env: { SECRET: "from-variable" }, cwd: base, home: base };
  await writeFile(join(base, "secret.txt"), " from file \r\n\n");
  await writeFile(join(base, "empty.txt"), "\n");
  expect(await readSecret({ variable: "SECRET" }, surroundings)).toBe("from-variable");
  expect(await readSecret({ file: "~/secret.txt" }, surroundings)).toBe(" from file ");
  await expect(readSecret({ variable: "ABSENT" }, surroundings)).rejects.toThrow("variable ABSENT");
  await expect(readSecret({ file: "empty.txt" }, surroundings)).rejects.toThrow("is empty");
  await expect(readSecret({ file: "absent.txt" }, surroundings)).rejects.toThrow("(ENOENT)");
});
