import { expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";

const callers = 20;
const requestsEach = 50;
/** Of each caller. More would only wait for a connection, which on a busy machine may last too long. */
const atOnce = 10;

test("of 1,000 requests from 20 callers at once, each run carries its own caller", async () => {
  await using server = await ServerProcess.start([
    "dev",
    "--state",
    "memory",
    "--port",
    "0",
    "--devbox-port",
    "0",
  ]);
  const { webhook, controlPlane: endpoint, keys } = server.ready;
  const admin = createCaller(endpoint, keys["alice"]);
  const people = await Promise.all(
    Array.from({ length: callers }, async (_, index) => {
      const user = `caller-${index}`;
      const created = await admin.post("/devbox/v1/api-keys", {
        name: `key of ${user}`,
        user,
        role: "contributor",
      });
      expect(created.status).toBe(201);
      return { user, caller: createCaller(webhook, created.body.key) };
    }),
  );

  const start = async ({ user, caller }: (typeof people)[number], value: number) => {
    const path = "/run-task/development/flytesnacks/stats.describe";
    const { status, body } = await caller.post(path, { values: [value] });
    expect(status).toBe(200);
    return { name: body.name as string, user };
  };
  const started: { readonly name: string; readonly user: string }[] = [];
  for (let value = 0; value < requestsEach; value += atOnce) {
    const values = Array.from({ length: atOnce }, (_, index) => value + index);
    const all = values.flatMap((each) => people.map((person) => start(person, each)));
    started.push(...(await Promise.all(all)));
  }
  expect(new Set(started.map(({ name }) => name)).size).toBe(callers * requestsEach);

  await using controlPlane = createControlPlane({
    endpoint,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(keys["alice"] ?? ""),
    timeoutMs: 600_000,
  });
  const owners = await Promise.all(
    started.map(async ({ name }) => (await controlPlane.runs.get({ name })).owner),
  );
  expect(owners).toEqual(started.map(({ user }) => user));
});
