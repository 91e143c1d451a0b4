import { afterAll, expect, test } from "vitest";
import { bearerAuthenticator } from "../../client/auth/bearer.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import { createControlPlane } from "../../client/create-control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Hook } from "./hook.ts";
import { github } from "./providers/github.ts";
import { checkHooks, resolveHooks } from "./resolve-hooks.ts";

const open: ControlPlane[] = [];
afterAll(() => Promise.all(open.map((controlPlane) => controlPlane.close())));

function connect(token?: string, scope: object = { project: "p", domain: "d" }): ControlPlane {
  const made = createControlPlane({
    endpoint: "http://127.0.0.1:1",
    ...scope,
    ...(token !== undefined && { authenticator: bearerAuthenticator(token) }),
  });
  open.push(made);
  return made;
}

const own = connect();
const webhook = { controlPlane: own, bodyLimitBytes: 1_000, runScope: "webhook" as const };
const planted = "planted-secret-of-hooks";

function hook(changes: object = {}): Hook {
  const made = github({ secret: planted, runAs: { token: planted }, start: () => undefined });
  const { name, runAs, start, from } = made;
  return { name, runAs, start, from, ...changes };
}

function failureOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (FlyteError.is(error) && error.code === "invalid_config") return error.message;
    throw error;
  }
  return "none";
}

test.each([
  [{ name: "" }, "no name of a hook"],
  [{ name: undefined }, "no name of a hook"],
  [{ name: "Git Hub" }, "no name of a hook"],
  [{ name: "-github" }, "no name of a hook"],
  [{ name: "a/b" }, "no name of a hook"],
  [{ name: "x".repeat(64) }, "no name of a hook"],
  [{ from: undefined }, "has nobody to come from"],
  [{ runAs: undefined }, "needs runAs"],
  [{ runAs: null }, "needs runAs"],
  [{ runAs: {} }, "needs runAs"],
  [{ runAs: { token: undefined } }, "needs runAs"],
  [{ runAs: { token: planted, controlPlane: own } }, "needs runAs"],
  [{ runAs: { token: "" } }, "runAs.token that is empty"],
  [{ runAs: { token: `${planted}\n` } }, "other characters than visible ASCII"],
  [{ runAs: { token: `${planted} x` } }, "other characters than visible ASCII"],
  [{ runAs: { token: 7 } }, "runAs.token that is empty"],
  [{ runAs: { controlPlane: own } }, "without a credential of its own"],
  [{ runAs: { controlPlane: connect() } }, "without a credential of its own"],
  [{ runAs: { controlPlane: {} } }, "without a credential of its own"],
  [{ start: undefined }, "needs start"],
  [{ start: {} }, "needs start"],
  [{ events: [] }, "events that name none"],
  [{ events: "push" }, "events that name none"],
  [{ events: [""] }, "in events, which is no text"],
  [{ events: ["push", 7] }, "in events, which is no text"],
  [{ events: ["push\u0000"] }, "characters that cannot be seen"],
  [{ bodyLimitBytes: 0 }, "has bodyLimitBytes 0"],
  [{ bodyLimitBytes: 1.5 }, "has bodyLimitBytes 1.5"],
  [{ keepPayloads: "yes" }, "keepPayloads that is neither"],
  [{ record: "" }, "a record that is no folder"],
])("a hook with %o is refused, without telling a secret", (changes, text) => {
  const message = failureOf(() => checkHooks([hook(changes)]));
  expect(message).toContain(text);
  if (!("name" in changes)) expect(message).toContain('hook "github"');
  expect(message).not.toContain("planted");
});

test("a hook that is there twice, and what is no list of hooks, is refused", () => {
  expect(failureOf(() => checkHooks([hook(), hook()]))).toContain("is there twice");
  expect(failureOf(() => checkHooks(hook() as never))).toContain("hooks must be a list");
  expect(failureOf(() => resolveHooks(() => hook() as never, webhook))).toContain(
    "hooks must be a list",
  );
  expect(failureOf(() => checkHooks([undefined as never]))).toContain("no name of a hook");
});

test("hooks that are made late are checked late", () => {
  const late = () => [hook({ runAs: undefined })];
  expect(failureOf(() => checkHooks(late))).toBe("none");
  expect(failureOf(() => resolveHooks(late, webhook))).toContain("needs runAs");
});

test("a hook is where its name says, and takes the limits of the webhook unless it has its own", () => {
  const [first, second] = resolveHooks(
    [hook(), hook({ name: "other", bodyLimitBytes: 7, events: ["push"] })],
    webhook,
  );
  expect(first).toMatchObject({ path: "/hooks/github", methods: ["POST"], bodyLimitBytes: 1_000 });
  expect(second).toMatchObject({ path: "/hooks/other", bodyLimitBytes: 7, keepPayloads: false });
  expect([first?.takes("issues.opened"), second?.takes("issues.opened")]).toEqual([true, false]);
});

test("runs need a project and a domain from one of the two control planes", () => {
  const nowhere = { ...webhook, controlPlane: connect(undefined, {}) };
  expect(failureOf(() => resolveHooks([hook()], nowhere))).toContain("no project and domain");
  const elsewhere = { controlPlane: connect("a-token", { project: "q", domain: "e" }) };
  const [of] = resolveHooks([hook({ runAs: elsewhere })], nowhere);
  expect(of?.runAs.scope).toEqual({ project: "q", domain: "e" });
  const [both] = resolveHooks([hook({ runAs: { controlPlane: connect("a-token", {}) } })], webhook);
  expect(both?.runAs.scope).toEqual({ project: "p", domain: "d" });
  expect(failureOf(() => resolveHooks([hook()], { ...nowhere, runScope: "task" }))).toBe("none");
});
