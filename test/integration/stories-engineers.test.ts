import { once } from "node:events";
import { createServer } from "node:net";
import Fastify from "fastify";
import { describe, expect, test } from "vitest";
import { passthroughAuth } from "../../src/app/passthrough/passthrough-auth.ts";
import type { CallOptions, ControlPlane } from "../../src/client/control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { FlyteError } from "../../src/shared/errors.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { fromSource, ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";
import { runCommand } from "../support/run-command.ts";
import { unusedPort } from "../support/unused-port.ts";

/** Stories 15 and 16 of docs/stories.md: engineers on their own machine. */

async function listens(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  server.close();
  await once(server, "close");
}

test("the webhook is served in front of a devbox, says at once that a port is taken, and frees it", async () => {
  await using devbox: Devbox & AsyncDisposable = await startDevbox({ state: "memory", port: 0 });
  const port = await unusedPort();
  const scope = ["-p", "flytesnacks", "-d", "development"];
  const line = ["serve", "--port", String(port), "--endpoint", devbox.url, ...scope];
  await using served = await ServerProcess.start(line);
  const { body } = await createCaller(served.ready.webhook, devbox.keys["bob"]).get("/me");
  expect(body).toMatchObject({ subject: "bob" });

  const second = await runCommand(line, { command: fromSource, cwd: "/" });
  expect(second).toMatchObject({ code: 2, stdout: "" });
  expect(second.stderr).toMatch(new RegExp(`^error: Port ${port} on 127\\.0\\.0\\.1 is in use`));

  expect(await served.stop("SIGINT")).toBe(0);
  await listens(port);
});

describe("a control plane that is made up", () => {
  const asked: CallOptions[] = [];
  const made = {
    endpoint: "https://flyte.invalid",
    org: "",
    project: "flytesnacks",
    domain: "development",
    runs: {
      get: async ({ name }: { readonly name: string }, options: CallOptions) => {
        asked.push(options);
        if (name === "lost") throw new FlyteError("not_found", "no such run");
        return { name, phase: "succeeded", done: true, url: `https://flyte.invalid/runs/${name}` };
      },
    },
    observe: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const fake = made as unknown as ControlPlane;
  const authorization = "Bearer of-the-test";

  test("stands behind the webhook in a test, without a socket", async () => {
    const webhook = createWebhook({ name: "tested", controlPlane: fake });
    const read = (name: string, headers = {}) => webhook.inject({ url: `/run/${name}`, headers });
    expect((await read("r1", { authorization })).json()).toMatchObject({
      ...{ name: "r1", phase: "succeeded", done: true },
    });
    expect(asked.at(-1)?.auth).toContainEqual(["authorization", authorization]);
    expect((await read("lost", { authorization })).statusCode).toBe(404);
    const refused = await read("r1");
    expect([refused.statusCode, refused.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
    expect(webhook.server.listening).toBe(false);
    await webhook.close();
  });

  test("is given to handlers of one's own, whose callers need a credential as in production", async () => {
    const app = Fastify();
    app.register(passthroughAuth);
    app.get<{ Params: { readonly name: string } }>("/state/:name", async ({ params }) => {
      const { phase } = await fake.runs.get({ name: params.name });
      return { phase };
    });
    const answer = await app.inject({ url: "/state/r1", headers: { authorization } });
    expect(answer.json()).toEqual({ phase: "succeeded" });
    const refused = await app.inject("/state/r1");
    expect([refused.statusCode, refused.json().detail]).toEqual([
      401,
      "Authentication credentials required",
    ]);
    expect(app.server.listening).toBe(false);
    await app.close();
  });
});
