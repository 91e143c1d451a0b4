import { afterAll, beforeAll, expect } from "vitest";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { connect } from "./devbox-client.ts";
import { type Answer, createCaller } from "./http.ts";

export const scope = { project: "flytesnacks", domain: "development" };

/** Starts a run of a task with an input `count` and an input `text`, whose default is `own`. */
export const countPath = "/run-task/development/flytesnacks/count";

/** A query string; what is no text is JSON. */
export const query = (parameters: Readonly<Record<string, unknown>>): string =>
  `?${Object.entries(parameters)
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `${name}=${encodeURIComponent(text)}`;
    })
    .join("&")}`;

/** A devbox with the tasks `count` and `secret`, and webhooks in front of it. */
export class StartsDevbox {
  devbox!: Devbox;
  flyte!: ControlPlane;
  /** A webhook of all tasks. */
  open!: string;
  /** A webhook of `count` alone. */
  fenced!: string;
  readonly #closing: (() => Promise<unknown>)[] = [];

  async start(): Promise<void> {
    this.devbox = await startDevbox({ state: "memory", port: 0 });
    this.flyte = createControlPlane({ endpoint: this.devbox.url, ...scope });
    this.#closing.push(
      () => this.flyte.close(),
      () => this.devbox.close(),
    );
    await this.deploy("count", "v1");
    await this.deploy("secret", "v1");
    [this.open, this.fenced] = await Promise.all([
      this.serve(),
      this.serve({ taskAllowlist: ["count"] }),
    ]);
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close();
  }

  async serve(options: Partial<WebhookOptions> = {}): Promise<string> {
    const webhook = createWebhook({
      name: "starts",
      controlPlane: this.flyte,
      endpointGroups: ["all", "batch", "rerun", "list", "fire"],
      ...options,
    });
    this.#closing.unshift(() => webhook.close());
    return webhook.listen({ host: "127.0.0.1", port: 0 });
  }

  async deploy(name: string, version: string): Promise<void> {
    const type = (simple: SimpleType) => ({ type: { case: "simple", value: simple } as const });
    const primitive = { value: { case: "stringValue" as const, value: "own" } };
    const scalar = { value: { case: "primitive" as const, value: primitive } };
    const value = { value: { case: "scalar" as const, value: scalar } };
    await connect(this.devbox, "alice").tasks.deployTask({
      taskId: { ...scope, name, version },
      spec: {
        defaultInputs: [{ name: "text", parameter: { behavior: { case: "default", value } } }],
        taskTemplate: {
          type: "shell",
          target: { case: "container", value: { args: ["true"] } },
          interface: {
            inputs: {
              variables: [
                { key: "count", value: { type: type(SimpleType.INTEGER) } },
                { key: "text", value: { type: type(SimpleType.STRING) } },
              ],
            },
          },
        },
      },
    });
  }

  caller(url: string, user = "alice"): ReturnType<typeof createCaller> {
    return createCaller(url, this.devbox.keys[user] ?? "");
  }

  async specOf(name: string) {
    const { details } = await connect(this.devbox, "alice").runs.getRunDetails({
      runId: { ...scope, org: "", name },
    });
    return details?.runSpec;
  }

  async countRuns(): Promise<number> {
    return (await this.caller(this.open).get("/runs?limit=200")).body.runs.length;
  }

  async expectNothingStarted(act: () => Promise<Answer>): Promise<Answer> {
    const before = await this.countRuns();
    const answer = await act();
    expect(await this.countRuns()).toBe(before);
    return answer;
  }
}

/** One for the tests of a file. */
export function useStartsDevbox(): StartsDevbox {
  const all = new StartsDevbox();
  beforeAll(() => all.start());
  afterAll(() => all.close());
  return all;
}
