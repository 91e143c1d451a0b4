import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, fromBinary } from "@bufbuild/protobuf";
import { durationFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { type Client, Code, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { IdentityService } from "../../src/idl/auth.ts";
import { DataProxyService } from "../../src/idl/data-proxy.ts";
import { Sort_Direction } from "../../src/idl/identifiers.ts";
import { ProjectService, ProjectState } from "../../src/idl/projects.ts";
import { InputsSchema, TaskService } from "../../src/idl/tasks.ts";

let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
});

afterAll(async () => {
  await devbox.close();
});

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function as(subject: "alice" | "bob", box: Devbox = devbox) {
  const transport = createConnectTransport({
    baseUrl: box.url,
    httpVersion: "1.1",
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${box.keys[subject]}`);
        return next(request);
      },
    ],
  });
  return {
    identity: createClient(IdentityService, transport),
    projects: createClient(ProjectService, transport),
    tasks: createClient(TaskService, transport),
    data: createClient(DataProxyService, transport),
  };
}

function taskId(name: string, version: string, domain = "development") {
  return { org: "", project: "flytesnacks", domain, name, version };
}

async function deploy(
  tasks: Client<typeof TaskService>,
  name: string,
  version: string,
  domain = "development",
): Promise<void> {
  await tasks.deployTask({
    taskId: taskId(name, version, domain),
    spec: {
      taskTemplate: { metadata: { cacheIgnoreInputVars: ["seed"] } },
      environment: { name: "stats", description: "d".repeat(300) },
      documentation: { shortDescription: `about ${name}` },
    },
  });
}

const development = {
  case: "projectId" as const,
  value: { organization: "", name: "flytesnacks", domain: "development" },
};

test("the project to start with has three domains", async () => {
  const { projects } = await as("bob").projects.listProjects({});
  const [project, ...others] = projects?.projects ?? [];
  expect(others.map(({ id }) => id)).toEqual(["system"]);
  expect(project).toMatchObject({ id: "flytesnacks" });
  expect(project?.domains.map(({ id }) => id)).toEqual(["development", "staging", "production"]);
});

test("projects are created once, updated whole, and hidden when archived", async () => {
  const { projects } = as("alice");
  await projects.createProject({ project: { id: "models", labels: { values: { team: "x" } } } });
  await expect(projects.createProject({ project: { id: "models" } })).rejects.toMatchObject({
    code: Code.AlreadyExists,
  });
  expect((await projects.getProject({ id: "models" })).project).toMatchObject({
    name: "models",
    labels: { values: { team: "x" } },
  });
  await projects.updateProject({ project: { id: "models", state: ProjectState.ARCHIVED } });
  const shown = await projects.listProjects({});
  expect(shown.projects?.projects.map(({ id }) => id)).toEqual(["flytesnacks", "system"]);
  const filtered = await projects.listProjects({ filters: "eq(state,1)+contains(name,odel)" });
  expect(filtered.projects?.projects.map(({ id }) => id)).toEqual(["models"]);
});

test.each([
  ["no project", undefined, Code.InvalidArgument],
  ["no id", { id: "" }, Code.InvalidArgument],
  ["a path as id", { id: "../up" }, Code.InvalidArgument],
  ["a long id", { id: "a".repeat(64) }, Code.InvalidArgument],
])("creating a project with %s is refused", async (_, project, code) => {
  const request = project === undefined ? {} : { project };
  await expect(as("alice").projects.createProject(request)).rejects.toMatchObject({ code });
});

test("only administrators change projects", async () => {
  const { projects } = as("bob");
  await expect(projects.createProject({ project: { id: "mine" } })).rejects.toMatchObject({
    code: Code.PermissionDenied,
  });
  await expect(projects.listProjects({ filters: "drop(table)" })).rejects.toMatchObject({
    code: Code.InvalidArgument,
  });
  await expect(as("alice").projects.getProject({ id: "nowhere" })).rejects.toMatchObject({
    code: Code.NotFound,
  });
});

test("a deployed task is read back with who deployed it and when", async () => {
  const { tasks } = as("alice");
  const before = Date.now();
  await deploy(tasks, "stats.describe", "v1");
  const after = Date.now();
  const { details } = await as("bob").tasks.getTaskDetails({
    taskId: { ...taskId("stats.describe", "v1"), org: "any" },
  });
  expect(details?.metadata).toMatchObject({
    shortName: "describe",
    environmentName: "stats",
    shortDescription: "about stats.describe",
    deployedBy: { principal: { case: "user", value: { id: { subject: "alice" } } } },
  });
  expect(details?.spec?.environment?.description).toHaveLength(255);
  const deployedAt = details?.metadata?.deployedAt;
  expect(deployedAt && timestampMs(deployedAt)).toBeGreaterThanOrEqual(before);
  expect(deployedAt && timestampMs(deployedAt)).toBeLessThanOrEqual(after);
});

test("the latest version is the one deployed first last, also after an older one again", async () => {
  const { tasks } = as("alice");
  for (const version of ["old", "new", "old"]) await deploy(tasks, "stats.latest", version);
  const latest = await tasks.listTasks({
    scopeBy: development,
    request: {
      limit: 1,
      filters: [{ field: "name", values: ["stats.latest"] }],
      sortByFields: [{ key: "created_at", direction: Sort_Direction.DESCENDING }],
    },
  });
  expect(latest.tasks.map((task) => task.taskId?.version)).toEqual(["new"]);
  expect(latest.metadata).toMatchObject({ filteredTotal: 1 });
  const versions = await tasks.listVersions({ taskName: taskId("stats.latest", "") });
  expect(versions.versions.map(({ version }) => version)).toEqual(["new", "old"]);
});

test("lists are paged, and show only scopes that the caller may read", async () => {
  const { tasks } = as("alice");
  for (const name of ["p.a", "p.b", "p.c"]) await deploy(tasks, name, "v1", "staging");
  const names: (string | undefined)[] = [];
  let token = "";
  do {
    const page = await as("bob").tasks.listTasks({
      scopeBy: { case: "projectId", value: { ...development.value, domain: "staging" } },
      request: { limit: 2, token, sortBy: { key: "name", direction: Sort_Direction.ASCENDING } },
    });
    expect(page.metadata).toEqual(expect.objectContaining({ total: 3, filteredTotal: 3 }));
    names.push(...page.tasks.map((task) => task.taskId?.name));
    token = page.token;
  } while (token !== "");
  expect(names).toEqual(["p.a", "p.b", "p.c"]);
  const everywhere = await as("bob").tasks.listTasks({ request: { limit: 200 } });
  expect(everywhere.tasks.length).toBeGreaterThan(3);
});

test.each([
  ["an unknown filter", { filters: [{ field: "nope", values: ["x"] }] }],
  ["an unknown sort", { sortBy: { key: "nope" } }],
  ["a broken token", { token: "abc" }],
  ["a page too large", { limit: 1000 }],
])("listing tasks with %s is an invalid argument", async (_, request) => {
  await expect(
    as("alice").tasks.listTasks({ scopeBy: development, request }),
  ).rejects.toMatchObject({ code: Code.InvalidArgument });
});

test("deploying needs the right, an existing project and a whole identity", async () => {
  await expect(deploy(as("bob").tasks, "x", "v1")).rejects.toMatchObject({
    code: Code.PermissionDenied,
  });
  const { tasks } = as("alice");
  await expect(deploy(tasks, "", "v1")).rejects.toMatchObject({ code: Code.InvalidArgument });
  await expect(deploy(tasks, "x", "v".repeat(64))).rejects.toMatchObject({
    code: Code.InvalidArgument,
  });
  const elsewhere = { ...taskId("x", "v1"), project: "nowhere" };
  await expect(
    tasks.deployTask({ taskId: elsewhere, spec: { taskTemplate: {} } }),
  ).rejects.toMatchObject({ code: Code.NotFound });
  await expect(tasks.deployTask({ taskId: taskId("x", "v1"), spec: {} })).rejects.toMatchObject({
    code: Code.InvalidArgument,
  });
  await expect(tasks.getTaskDetails({ taskId: taskId("x", "v1") })).rejects.toMatchObject({
    code: Code.NotFound,
  });
});

function text(value: string) {
  return {
    value: {
      case: "scalar" as const,
      value: {
        value: {
          case: "primitive" as const,
          value: { value: { case: "stringValue" as const, value } },
        },
      },
    },
  };
}

test("uploaded inputs keep their content even where their hash is the same", async () => {
  await deploy(as("alice").tasks, "stats.hash", "v1");
  const upload = (seed: string) =>
    as("bob").data.uploadInputs({
      id: development,
      task: { case: "taskId", value: taskId("stats.hash", "v1") },
      inputs: {
        literals: [
          { name: "x", value: text("same") },
          { name: "seed", value: text(seed) },
        ],
      },
    });
  const [first, again, other] = [await upload("1"), await upload("1"), await upload("2")];
  expect(first.offloadedInputData).toEqual(again.offloadedInputData);
  expect(other.offloadedInputData?.inputsHash).toBe(first.offloadedInputData?.inputsHash);
  const seedOf = (uri = ""): unknown => {
    const bytes = readFileSync(fileURLToPath(`${uri}/inputs.pb`));
    return fromBinary(InputsSchema, bytes).literals[1]?.value;
  };
  expect(seedOf(first.offloadedInputData?.uri)).toMatchObject(text("1"));
  expect(seedOf(other.offloadedInputData?.uri)).toMatchObject(text("2"));
});

test("uploading inputs needs the right to run, a project and a known task", async () => {
  const inputs = create(InputsSchema);
  const task = { case: "taskSpec" as const, value: {} };
  const production = { ...development.value, domain: "production" };
  await expect(
    as("bob").data.uploadInputs({ id: { case: "projectId", value: production }, task, inputs }),
  ).rejects.toMatchObject({ code: Code.PermissionDenied });
  const unknown = { case: "taskId" as const, value: taskId("nope", "v1") };
  await expect(
    as("bob").data.uploadInputs({ id: development, task: unknown, inputs }),
  ).rejects.toMatchObject({ code: Code.NotFound });
  await expect(as("bob").data.uploadInputs({ task, inputs })).rejects.toMatchObject({
    code: Code.InvalidArgument,
  });
});

const location = { project: "flytesnacks", domain: "development", filename: "my data.csv" };

function md5(bytes: string): Uint8Array {
  return Uint8Array.from(createHash("md5").update(bytes).digest());
}

test("a file is put under a signed URL and found at its native one", async () => {
  const answer = await as("bob").data.createUploadLocation({
    ...location,
    contentMd5: md5("a,b"),
    contentLength: 3n,
  });
  const put = await fetch(answer.signedUrl, {
    method: "PUT",
    headers: answer.headers,
    body: "a,b",
  });
  expect(put.status).toBe(200);
  expect(readFileSync(fileURLToPath(answer.nativeUrl), "utf8")).toBe("a,b");
  expect(answer.nativeUrl).toMatch(
    /\/uploads\/flytesnacks\/development\/[A-Z2-7]{26}={6}\/my_data.csv$/,
  );
});

test("a name under a root is taken by other bytes", async () => {
  const request = { ...location, filenameRoot: "root", contentMd5: md5("one") };
  const { data } = as("bob");
  const { signedUrl } = await data.createUploadLocation(request);
  expect((await fetch(signedUrl, { method: "PUT", body: "one" })).status).toBe(200);
  await data.createUploadLocation(request);
  await expect(
    data.createUploadLocation({ ...request, contentMd5: md5("two") }),
  ).rejects.toMatchObject({ code: Code.AlreadyExists });
});

test.each([
  ["other bytes", "PUT", "x,y", {}, 400],
  ["more bytes", "PUT", "a,b,c", {}, 400],
  ["another MD5", "PUT", "a,b", { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" }, 400],
  ["another method", "POST", "a,b", {}, 405],
])("an upload with %s is refused and leaves nothing", async (_, method, body, headers, status) => {
  const answer = await as("bob").data.createUploadLocation({
    ...location,
    filenameRoot: `refused-${status}-${body.length}-${method}`,
    contentMd5: md5("a,b"),
  });
  const response = await fetch(answer.signedUrl, { method, body, headers });
  expect(response.status).toBe(status);
  expect(filesBelow(join(fileURLToPath(answer.nativeUrl), ".."))).toEqual([]);
});

function filesBelow(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

test("a changed, foreign or malformed upload token is refused", async () => {
  const { signedUrl } = await as("bob").data.createUploadLocation({
    ...location,
    contentMd5: md5("a,b"),
  });
  const [start, token = ""] = signedUrl.split(/(?<=\/upload\/)/);
  const [payload = "", signature = ""] = token.split(".");
  const forged = Buffer.from(JSON.stringify(["../../escape", Date.now() + 1e6, null, null]));
  const tokens = [
    "",
    "x",
    "..",
    `${payload}.`,
    `.${signature}`,
    `${payload}.${signature.slice(1)}`,
    `${forged.toString("base64url")}.${signature}`,
    `${token}.x`,
  ];
  for (const bad of tokens) {
    const response = await fetch(`${start}${bad}`, { method: "PUT", body: "a,b" });
    expect([bad, response.status]).toEqual([bad, bad === ".." ? 404 : 403]);
  }
});

test.each([
  ["neither a root nor an MD5", { filename: "x" }],
  ["a short MD5", { contentMd5: Uint8Array.of(1, 2) }],
  ["a long life", { filenameRoot: "r", expiresIn: durationFromMs(3_600_001) }],
  ["no life", { filenameRoot: "r", expiresIn: durationFromMs(0) }],
  ["too many bytes", { filenameRoot: "r", contentLength: 104_857_601n }],
  ["a name that climbs", { filenameRoot: "r", filename: "../x" }],
  ["a root that climbs", { filenameRoot: "a/../../x" }],
])("an upload location with %s is an invalid argument", async (_, request) => {
  await expect(
    as("bob").data.createUploadLocation({ ...location, filename: "", ...request }),
  ).rejects.toMatchObject({ code: Code.InvalidArgument });
});

const keysPath = "/devbox/v1/api-keys";

function callKeys(
  subject: string,
  options: { method?: string; body?: string; type?: string; path?: string } = {},
): Promise<Response> {
  const { method = "GET", body, type = "application/json", path = keysPath } = options;
  return fetch(devbox.url + path, {
    method,
    headers: { authorization: `Bearer ${devbox.keys[subject] ?? subject}`, "content-type": type },
    ...(body === undefined ? {} : { body }),
  });
}

test("an API key is shown once, works, and stops working when it is revoked", async () => {
  const body = JSON.stringify({ name: "ci", user: "bob", expiresIn: "1h" });
  const created = await callKeys("alice", { method: "POST", body });
  expect(created.status).toBe(201);
  const { id, key, expiresAt } = (await created.json()) as Record<string, string>;
  expect(Date.parse(expiresAt ?? "")).toBeGreaterThan(Date.now());
  const whoami = () =>
    createClient(
      IdentityService,
      createConnectTransport({ baseUrl: devbox.url, httpVersion: "1.1" }),
    ).userInfo({}, { headers: { authorization: `Bearer ${key}` } });
  expect((await whoami()).subject).toBe("bob");
  const listed = await (await callKeys("alice")).text();
  expect(listed).toContain(id);
  expect(JSON.parse(listed).keys).toContainEqual(expect.objectContaining({ id, user: "bob" }));
  expect(listed).not.toContain(key);
  expect(listed).not.toMatch(/hash/);
  expect((await callKeys("alice", { method: "DELETE", path: `${keysPath}/${id}` })).status).toBe(
    200,
  );
  await expect(whoami()).rejects.toMatchObject({ code: Code.Unauthenticated });
});

test("a role makes a new user, and never changes one that exists", async () => {
  const make = async (body: object) => {
    const answer = await callKeys("alice", { method: "POST", body: JSON.stringify(body) });
    return [answer.status, ((await answer.json()) as { key?: string }).key ?? ""] as const;
  };
  expect((await make({ name: "k", user: "carol" }))[0]).toBe(404);
  const [status, key] = await make({ name: "k", user: "carol", role: "viewer", expiresInMs: 1e9 });
  expect(status).toBe(201);
  const transport = createConnectTransport({ baseUrl: devbox.url, httpVersion: "1.1" });
  const headers = { authorization: `Bearer ${key}` };
  const { subject } = await createClient(IdentityService, transport).userInfo({}, { headers });
  expect(subject).toBe("carol");
  const { projects } = await createClient(ProjectService, transport).listProjects({}, { headers });
  expect(projects?.projects.map(({ id }) => id)).toContain("flytesnacks");
  await expect(
    createClient(ProjectService, transport).createProject({ project: { id: "x" } }, { headers }),
  ).rejects.toMatchObject({ code: Code.PermissionDenied });
  expect((await make({ name: "k", user: "alice", role: "viewer" }))[0]).toBe(400);
  expect((await make({ name: "k", user: "dave", role: "owner" }))[0]).toBe(400);
});

test("an API key that has expired is refused", async () => {
  const body = JSON.stringify({ name: "short", user: "bob", expiresIn: "1ms" });
  const { key } = (await (await callKeys("alice", { method: "POST", body })).json()) as {
    key: string;
  };
  await expect.poll(async () => (await callKeys(key)).status).toBe(401);
});

test.each([
  ["without a credential's right", "bob", {}, 403],
  ["with a bad credential", "nobody", {}, 401],
  ["as a form", "alice", { method: "POST", type: "text/plain", body: "{}" }, 400],
  ["with broken JSON", "alice", { method: "POST", body: "{" }, 400],
  ["with an array", "alice", { method: "POST", body: "[]" }, 400],
  ["with prototype keys", "alice", { method: "POST", body: '{"__proto__":{"user":"bob"}}' }, 400],
  ["with unknown fields", "alice", { method: "POST", body: '{"admin":true}' }, 400],
  ["without a user", "alice", { method: "POST", body: '{"name":"x"}' }, 400],
  ["for nobody", "alice", { method: "POST", body: '{"name":"x","user":"zed"}' }, 404],
  [
    "with a senseless life",
    "alice",
    { method: "POST", body: '{"name":"x","user":"bob","expiresIn":"-1h"}' },
    400,
  ],
  ["too large", "alice", { method: "POST", body: `"${"x".repeat(20_000)}"` }, 413],
  ["by another method", "alice", { method: "PATCH", body: "{}" }, 405],
  ["for an unknown key", "alice", { method: "DELETE", path: `${keysPath}/0000` }, 404],
])("administering API keys %s is refused", async (_, subject, options, status) => {
  expect((await callKeys(subject, options)).status).toBe(status);
});

test("the state outlives a restart: keys, tasks and uploads", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flyte-state-"));
  folders.push(folder);
  const state = join(folder, "state");
  const first = await startDevbox({ state, port: 0 });
  await deploy(as("alice", first).tasks, "stats.kept", "v1");
  const { signedUrl } = await as("bob", first).data.createUploadLocation({
    ...location,
    contentMd5: md5("a,b"),
  });
  await expect(startDevbox({ state, port: 0 })).rejects.toThrow(/in use by another devbox/);
  await first.close();
  await first.close();
  await using second = await startDevbox({ state, port: 0 });
  expect(second.keys).toEqual(first.keys);
  const { details } = await as("bob", second).tasks.getTaskDetails({
    taskId: taskId("stats.kept", "v1"),
  });
  expect(details?.taskId?.version).toBe("v1");
  const put = await fetch(second.url + new URL(signedUrl).pathname, { method: "PUT", body: "a,b" });
  expect(put.status).toBe(200);
  expect(statSync(join(state, "keys")).mode & 0o777).toBe(0o700);
  expect(statSync(join(state, "keys", "alice")).mode & 0o777).toBe(0o600);
  const stored = readFileSync(join(state, "devbox.db"), "latin1");
  const [, , secret = "none"] = (second.keys["alice"] ?? "").split("_");
  expect(stored).not.toContain(secret);
});

test("a state folder that cannot be written to is one clear line", async () => {
  await expect(startDevbox({ state: "/dev/null/x", port: 0 })).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringContaining("/dev/null/x"),
  });
});

test("a throwaway state leaves nothing behind", async () => {
  const box = await startDevbox({ state: "memory", port: 0 });
  const { data } = as("alice", box);
  const { nativeUrl } = await data.createUploadLocation({ ...location, filenameRoot: "r" });
  const folder = fileURLToPath(nativeUrl).split("/blobs/")[0] ?? "";
  expect(statSync(folder).isDirectory()).toBe(true);
  await box.close();
  expect(() => statSync(folder)).toThrow(/ENOENT/);
});
