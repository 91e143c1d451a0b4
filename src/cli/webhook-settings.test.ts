import type { Command } from "commander";
import fc from "fast-check";
import { expect, test } from "vitest";
import { endpoints } from "../webhook/endpoints.ts";
import { type ServeSettings, toServeArguments } from "../webhook/serve-arguments.ts";
import type { WebhookCommandOptions } from "./options.ts";
import { createProgram } from "./program.ts";
import { toWebhookSettings } from "./webhook-settings.ts";

/** What the command reads out of a command line, its action apart. */
async function parse(
  args: readonly string[],
): Promise<{ readonly options: ServeOptions; readonly operands: readonly unknown[] }> {
  const program = createProgram();
  const serve = program.commands.find((command) => command.name() === "serve") as Command;
  let found: { options: ServeOptions; operands: readonly unknown[] } | undefined;
  serve.action((file: unknown, name: unknown, options: ServeOptions) => {
    found = { options, operands: [file, name] };
  });
  await program.parseAsync(["node", "flyte-webhook", ...args]);
  if (found === undefined) throw new Error("another command was meant");
  return found;
}

type ServeOptions = WebhookCommandOptions & { readonly allowAnonymous?: boolean };

const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.constantFrom("-x", "--name", "--name=y", "=", "a b", "$(HOME)", "-", "--", "ünï"),
);
const words = fc.array(text, { maxLength: 3 });
const count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const ms = fc.integer({ min: 1, max: 3_600_000 });
const part = fc.stringMatching(/^[a-z][a-z0-9_-]{0,9}$/);

const settings: fc.Arbitrary<ServeSettings> = fc.record(
  {
    name: part,
    title: text,
    description: text,
    endpointGroups: fc.array(fc.constantFrom("core", "task", "run", "all" as const)),
    endpoints: fc.array(fc.constantFrom(...endpoints.map(({ name }) => name))),
    taskAllowlist: words,
    appAllowlist: words,
    triggerAllowlist: words,
    buildAllowlist: words,
    prefetchAllowlist: words,
    inspectors: words,
    runScope: fc.constantFrom("webhook", "task"),
    compat: fc.constant("upstream"),
    docs: fc.constantFrom("public", "protected", "off"),
    typedOperations: fc.boolean(),
    allowAnonymous: fc.boolean(),
    bodyLimitBytes: count,
    callResponseLimitBytes: count,
    requestTimeoutMs: ms,
    maxConcurrentRequests: count,
    maxQueuedRequests: fc.nat(),
    queueTimeoutMs: ms,
    maxConnections: count,
    maxConnectionsPerAddress: count,
    keepAliveTimeoutMs: ms,
    writeTimeoutMs: ms,
    rateLimits: fc.record(
      {
        global: fc.constantFrom("1/s", "5/10s,burst=2"),
        perRoute: fc.constant({ run_task: "10/min", "hook:github": "1/s" }),
      },
      { requiredKeys: ["global"] },
    ),
    closeGraceMs: ms,
    waitLimitMs: ms,
    callTimeoutMs: ms,
    prefetchTask: fc.oneof(
      fc.record({ name: part, project: part, domain: part, version: part }),
      fc.record({ name: part, version: part }, { requiredKeys: ["name"] }),
    ),
    corsOrigins: words,
    trustedProxies: words,
    audit: fc.record(
      {
        file: text,
        stdout: fc.constant(true),
        durable: fc.constant(true),
        onFailure: fc.constantFrom("continue", "refuse"),
      },
      { requiredKeys: ["file"] },
    ),
  },
  { requiredKeys: ["name"] },
) as fc.Arbitrary<ServeSettings>;

test("the command reads out of the arguments what they were made of", async () => {
  await fc.assert(
    fc.asyncProperty(settings, async (given) => {
      const { options, operands } = await parse(toServeArguments(given));
      expect(operands).toEqual([undefined, undefined]);
      const { allowAnonymous = false, ...webhook } = given;
      expect(toWebhookSettings(options)).toEqual({
        runScope: "webhook",
        docs: "public",
        ...webhook,
        ...(given.typedOperations === false && { typedOperations: undefined }),
      });
      expect(options.allowAnonymous ?? false).toBe(allowAnonymous);
    }),
  );
});

test("what no argument can say is named", () => {
  const logger = { info: () => undefined } as never;
  const says = /^logger of the webhook "hook" cannot be said by arguments/;
  expect(() => toServeArguments({ name: "hook", logger })).toThrow(says);
  const prefetchTask = { name: "fetch", domain: "staging" };
  expect(() => toServeArguments({ name: "hook", prefetchTask })).toThrow(/^prefetchTask of/);
});
