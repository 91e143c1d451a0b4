import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { IdentityService } from "../../src/idl/auth.ts";
import { ProjectService } from "../../src/idl/projects.ts";
import { appId, appNamed, connectApps, servingApp, statusOf } from "../support/devbox-apps.ts";
import { actionOf, codeOf, connect, runIdOf, type TaskId } from "../support/devbox-client.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { addStateUsers } from "../support/state-users.ts";

/**
 * Users who may read nothing here: nobody has no role at all, visitor reads another project. What they
 * name is refused before it is looked for, and what spans projects tells them nothing.
 */
let folder: string;
let devbox: Devbox;
let task: TaskId;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-devbox-no-role-"));
  const keys = await addStateUsers(folder, [
    { subject: "nobody" },
    { subject: "visitor", role: { project: "elsewhere", domain: "development", name: "viewer" } },
  ]);
  const started = await startDevbox({ state: folder, port: 0, gatewayPort: 0 });
  devbox = { ...started, keys: { ...started.keys, ...keys } };
  const { apps } = connectApps(devbox, "alice");
  await apps.create({ app: appNamed("hidden", servingApp("secret line")) });
  const target = { case: "appId", value: appId("hidden") } as const;
  for await (const { event } of apps.watch({ target })) {
    if (event.case === "updateEvent" && statusOf(event.value.updatedApp) === "ACTIVE") break;
  }
  const alice = connect(devbox, "alice");
  task = await alice.deployScript("hidden.task", "true");
  await alice.reach(await alice.start(task));
});

afterAll(async () => {
  await devbox?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

async function first<Message>(messages: AsyncIterable<Message>): Promise<Message | undefined> {
  for await (const message of messages) return message;
  return undefined;
}

const project = { name: "flytesnacks", domain: "development" };
const scopes = { case: "project", value: project } as const;

describe.each(["nobody", "visitor"])("%s", (subject) => {
  const user = () => connectApps(devbox, subject);
  const runs = () => connect(devbox, subject);

  test("is known by name", async () => {
    const transport = createConnectTransport({ baseUrl: devbox.url, httpVersion: "1.1" });
    const headers = { authorization: `Bearer ${devbox.keys[subject]}` };
    const info = await createClient(IdentityService, transport).userInfo({}, { headers });
    expect(info.subject).toBe(subject);
    const { projects } = await createClient(ProjectService, transport).listProjects(
      {},
      { headers },
    );
    const names = projects?.projects.map(({ id }) => id);
    expect(names).toEqual(subject === "visitor" ? ["elsewhere"] : []);
  });

  test("finds no apps, and may not ask for one that is there or absent", async () => {
    const { apps, logs } = user();
    expect((await apps.list({ filterBy: { case: undefined } })).apps).toEqual([]);
    expect(await codeOf(apps.list({ filterBy: scopes }))).toBe("PermissionDenied");
    for (const name of ["hidden", "absent"]) {
      const id = { case: "appId", value: appId(name) } as const;
      const app = appNamed(name);
      for (const call of [
        () => apps.get({ identifier: id }),
        () => first(apps.watch({ target: id })),
        () => first(logs.tailLogs({ target: id })),
        () => apps.create({ app }),
        () => apps.update({ app }),
        () => apps.delete({ appId: id.value }),
      ]) {
        expect(await codeOf(call())).toBe("PermissionDenied");
      }
    }
    const replicaId = { appId: appId("hidden"), name: "any" };
    const target = { case: "replicaId", value: replicaId } as const;
    expect(await codeOf(first(logs.tailLogs({ target })))).toBe("PermissionDenied");
  });

  test("is not told whether an address belongs to an app", async () => {
    const { port } = new URL(devbox.gatewayUrl);
    for (const name of ["hidden", "absent"]) {
      const publicUrl = `http://${name}-flytesnacks-development.localhost:${port}`;
      const identifier = { case: "ingress", value: { publicUrl } } as const;
      expect(await codeOf(user().apps.get({ identifier }))).toBe("NotFound");
    }
  });

  test("hears of no change in a watch of all apps", async () => {
    const leaving = new AbortController();
    const told = first(
      user().apps.watch({ target: { case: undefined } }, { signal: leaving.signal }),
    );
    const { apps } = connectApps(devbox, "alice");
    const own = connectApps(devbox, "alice").apps.watch({
      target: { case: "appId", value: appId("hidden") },
    });
    await first(own);
    await apps.update({ app: appNamed("hidden", servingApp(`changed for ${subject}`)) });
    // Whoever may read is told; then this one would have been, too.
    for await (const { event } of apps.watch({ target: scopes })) {
      if (event.case === "updateEvent") break;
    }
    leaving.abort();
    expect(await codeOf(told)).toBe("Canceled");
  });

  test("finds no runs, and may not ask for one or start one", async () => {
    const alice = connect(devbox, "alice");
    const run = await alice.start(task);
    const client = runs();
    expect((await client.runs.listRuns({ scopeBy: { case: "org", value: "" } })).runs).toEqual([]);
    for (const call of [
      () => client.runs.listRuns({ scopeBy: { case: "projectId", value: project } }),
      () => client.runs.getRunDetails({ runId: runIdOf(run) }),
      () => client.runs.getRunDetails({ runId: { ...runIdOf(run), name: "absent" } }),
      () => first(client.runs.watchRunDetails({ runId: runIdOf(run) })),
      () => first(client.data.tailLogs({ actionId: actionOf(run), attempt: 1 })),
      () => client.start(task),
      () => client.runs.abortRun({ runId: runIdOf(run) }),
    ]) {
      expect(await codeOf(call())).toBe("PermissionDenied");
    }
  });

  test("finds no secrets and triggers", async () => {
    const { secrets, triggers } = runs();
    const { domain } = project;
    const list = () => secrets.listSecrets({ project: project.name, domain });
    expect(await codeOf(list())).toBe("PermissionDenied");
    const scope = { case: "projectId", value: project } as const;
    expect(await codeOf(triggers.listTriggers({ scopeBy: scope }))).toBe("PermissionDenied");
  });

  test("is refused at the gateway", async () => {
    const { port } = new URL(devbox.gatewayUrl);
    const ask = (name: string) => {
      const host = `${name}-flytesnacks-development.localhost:${port}`;
      const request = rawRequest("GET /", [`authorization: Bearer ${devbox.keys[subject]}`]);
      return sendRaw(`http://127.0.0.1:${port}`, request.replace("host: test", `host: ${host}`));
    };
    expect((await ask("hidden")).status).toBe(403);
    expect((await ask("absent")).status).toBe(404);
  });
});
