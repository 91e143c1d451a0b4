import { createHash } from "node:crypto";
import { Agent } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { type App, Spec_DesiredState } from "../../src/idl/apps.ts";
import { askApp } from "../support/ask-app.ts";
import {
  type AppOptions,
  appId,
  appNamed,
  connectApps,
  given,
  statusOf,
} from "../support/devbox-apps.ts";

/** Callers who never pause, while what they call is replaced again and again, also by what fails. */
let devbox: Devbox;
beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
});
afterAll(() => devbox?.close());

const echo = `
  require("node:http").createServer(async (request, response) => {
    const hash = require("node:crypto").createHash("sha256");
    for await (const chunk of request) hash.update(chunk);
    response.end(process.env.MARK + " " + hash.digest("hex"));
  }).listen(process.env.PORT);`;

function revision(mark: string, code: string = echo): AppOptions {
  return {
    command: [process.execPath, "-e", code],
    env: { MARK: mark },
    state: Spec_DesiredState.ACTIVE,
    spec: {
      securityContext: { allowAnonymous: true },
      autoscaling: { replicas: { min: 1, max: 2 } },
    },
  };
}

const identifier = { case: "appId", value: appId("busy") } as const;
const client = () => connectApps(devbox, "alice").apps;
const read = async (): Promise<App | undefined> => (await client().get({ identifier })).app;
const update = (mark: string, code?: string) =>
  client().update({ app: appNamed("busy", revision(mark, code)), reason: "test" });

const bodies = ["", "x", "y".repeat(70_000)].map((body) => ({
  body,
  digest: createHash("sha256").update(body).digest("hex"),
}));

/** Sends requests until told to stop, and notes which revision answered and what went wrong. */
class Callers {
  readonly answeredBy = new Map<string, number>();
  readonly failures: string[] = [];
  sent = 0;
  #isOver = false;
  readonly #endpoint: string;
  readonly #all: Promise<unknown>;

  /** @param agents one for each caller; false takes a new connection for each request */
  constructor(endpoint: string, agents: readonly (Agent | false)[]) {
    this.#endpoint = endpoint;
    this.#all = Promise.all(agents.map((agent) => this.#call(agent)));
  }

  answered(mark: string): number {
    return this.answeredBy.get(mark) ?? 0;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#all;
  }

  async #call(agent: Agent | false): Promise<void> {
    while (!this.#isOver) {
      const { body, digest } = bodies[this.sent % bodies.length] ?? { body: "", digest: "" };
      this.sent += 1;
      const answer = await askApp(this.#endpoint, "/", { method: "POST", body, agent }).catch(
        (error: unknown) => ({ status: 0, body: String(error) }),
      );
      const [mark = "", same] = answer.body.split(" ");
      if (answer.status !== 200 || same !== digest) this.failures.push(JSON.stringify(answer));
      else this.answeredBy.set(mark, this.answered(mark) + 1);
    }
  }
}

test("none of thousands of requests fails while an app is redeployed, well and badly", async () => {
  await client().create({ app: appNamed("busy", revision("first")) });
  await expect.poll(async () => statusOf(await read())).toBe("ACTIVE");
  const agent = new Agent({ keepAlive: true });
  const endpoint = given((await read())?.status?.ingress).publicUrl;
  const agents = [agent, agent, agent, agent, agent, agent, false, false, false] as const;
  const callers = new Callers(endpoint, agents);
  try {
    await expect.poll(() => callers.answered("first")).toBeGreaterThan(100);

    // One after the other, none of them waits for the one before.
    for (const mark of ["a", "b", "c", "d"]) await update(mark);
    await expect.poll(() => callers.answered("d")).toBeGreaterThan(300);

    // What fails takes nothing over, and says so while the last good revision serves on.
    await update("bad", 'console.log("out of luck"); process.exit(3);');
    await expect.poll(async () => statusOf(await read())).toBe("FAILED");
    const failed = (await read())?.status?.conditions.at(-1)?.message;
    expect(failed).toContain("out of luck");
    const before = callers.answered("d");
    await expect.poll(() => callers.answered("d")).toBeGreaterThan(before + 300);
    await update("silent", "setInterval(() => {}, 1000);");
    await update("last");
    await expect.poll(() => callers.answered("last")).toBeGreaterThan(300);
    await expect.poll(async () => statusOf(await read())).toBe("ACTIVE");
    await expect.poll(() => callers.sent).toBeGreaterThan(3_000);
  } finally {
    await callers.end();
    agent.destroy();
  }
  expect(callers.failures).toEqual([]);
  expect([...callers.answeredBy.keys()]).not.toContain("silent");
});
