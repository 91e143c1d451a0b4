import fc from "fast-check";
import { expect, test } from "vitest";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

/**
 * The guard against a naive reading of the rules, through the real server: random allowlists, and
 * targets that are near misses of their entries, percent-encoded in random ways.
 */
type Kind = "task" | "app" | "trigger" | "fire";

/** Most segments of an entry of an allowlist. */
const longest: Readonly<Record<Kind, number>> = { task: 3, app: 3, trigger: 4, fire: 4 };

/** Where the webhook of the tests is at home. */
const home = { project: "flytesnacks", domain: "development" };

/** Words that are easily taken for one another, and each of which is a name of its own. */
const names = ["a", "A", "b", "aa", "a.b", "a.", ".a", "a-b", "a_b", "a;b", "a b", "a*", "*"];
const lookalikes = [
  "\u0430",
  "\u00e9",
  "e",
  "\uff41",
  "constructor",
  "__proto__",
  "a+b",
  "a?b",
  "a#b",
];
const places = ["flytesnacks", "development"];
const word = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...names) },
  { weight: 2, arbitrary: fc.constantFrom(...lookalikes) },
  { weight: 2, arbitrary: fc.constantFrom(...places) },
);

/** What is no name at all, although it decodes to something that is near one. */
const noName = fc.constantFrom(
  "a/b",
  "a\\b",
  "..",
  ".",
  "a\0",
  "a\n",
  "a\u200b",
  "\u202ea",
  "e\u0301",
  "a%2Fb",
  "%61",
  " a",
  "a ",
  "a\u00a0",
  "\ufeffa",
);

/** Every octet as itself or in hexadecimal, at random. */
function encoded(text: string, choices: readonly number[]): string {
  return [...Buffer.from(text)]
    .map((octet, index) => {
      const choice = choices[index % choices.length] ?? 0;
      const character = String.fromCharCode(octet);
      if (choice === 0 && /[\w.~!$&'()*+,;=:@-]/.test(character)) return character;
      const hex = octet.toString(16).padStart(2, "0");
      return `%${choice === 1 ? hex : hex.toUpperCase()}`;
    })
    .join("");
}

interface Target {
  readonly kind: Kind;
  /** The words in the path, as they are meant. */
  readonly words: readonly string[];
  readonly line: string;
  readonly scope: { readonly project?: string; readonly domain?: string };
}

type Build = (segments: readonly string[]) => string;

const forms: readonly (readonly [kind: Kind, segments: number, build: Build])[] = [
  ["task", 3, (path) => `GET /task/${path.join("/")}`],
  ["task", 3, (path) => `POST /run-task/${path.join("/")}`],
  ["app", 1, (path) => `GET /app/${path.join("/")}`],
  ["app", 1, (path) => `POST /app/${path.join("/")}/activate`],
  ["app", 1, (path) => `POST /app/${path.join("/")}/deactivate`],
  ["app", 1, (path) => `POST /app/${path.join("/")}/call`],
  ["trigger", 2, (path) => `POST /trigger/${path.join("/")}/activate`],
  ["trigger", 2, (path) => `POST /trigger/${path.join("/")}/deactivate`],
  ["fire", 2, (path) => `POST /trigger/${path.join("/")}/fire`],
];

const place = fc.option(fc.constantFrom("a", "b", ...places), { nil: undefined });
const spelling = fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: 1, maxLength: 7 });

const target = (pick: fc.Arbitrary<string>): fc.Arbitrary<Target> =>
  fc
    .record({
      form: fc.constantFrom(...forms),
      words: fc.array(pick, { minLength: 3, maxLength: 3 }),
      spellings: fc.array(spelling, { minLength: 3, maxLength: 3 }),
      project: place,
      domain: place,
    })
    .map(({ form: [kind, count, build], words, spellings, project, domain }) => {
      const used = words.slice(0, count);
      const path = used.map((one, index) => encoded(one, spellings[index] ?? [0]));
      const scope =
        kind === "task"
          ? {}
          : { ...(project !== undefined && { project }), ...(domain !== undefined && { domain }) };
      const query = new URLSearchParams({ path: "/x", ...scope });
      return { kind, words: used, scope, line: `${build(path)}?${query}` };
    });

const entries = (kind: Kind): fc.Arbitrary<string[] | undefined> =>
  fc.option(
    fc.array(
      fc.array(word, { minLength: 1, maxLength: longest[kind] }).map((parts) => parts.join("/")),
      { maxLength: 6 },
    ),
    { nil: undefined, freq: 8 },
  );

const allowlists = fc.record({
  task: entries("task"),
  app: entries("app"),
  trigger: entries("trigger"),
});

interface Lists {
  readonly task: string[] | undefined;
  readonly app: string[] | undefined;
  readonly trigger: string[] | undefined;
}

/** A trigger is fired where it is allowed, and its task as well. */
function passes(lists: Lists, target: Target): boolean {
  if (target.kind !== "fire") return allowed(lists[target.kind], target);
  const [task = ""] = target.words;
  const { domain, project } = { ...home, ...target.scope };
  const words = [domain, project, task];
  return allowed(lists.trigger, target) && allowed(lists.task, { ...target, kind: "task", words });
}

/** An entry is the end of the full name, from a slash on. Written for names without slashes. */
function allowed(list: readonly string[] | undefined, { kind, words, scope }: Target): boolean {
  const { domain, project } = { ...home, ...scope };
  const full = kind === "task" ? ["", ...words] : ["", domain, project, ...words];
  return list === undefined || list.some((entry) => full.join("/").endsWith(`/${entry}`));
}

async function decide({ url, stub }: TestWebhook, { line }: Target) {
  const json = ["authorization: Bearer key", "content-type: application/json"];
  const body = /^POST \/run-task\/|\/fire\?/.test(line) ? '{"x":1}' : "";
  const answer = await sendRaw(url, rawRequest(line, json, body));
  const calls = stub.takeMethods();
  const { code } = answer.status === 200 ? { code: "ok" } : JSON.parse(answer.body);
  return { code, called: calls.length > 0 };
}

function start(lists: Lists): Promise<TestWebhook> {
  return startTestWebhook({
    ...(lists.task !== undefined && { taskAllowlist: lists.task }),
    ...(lists.app !== undefined && { appAllowlist: lists.app }),
    ...(lists.trigger !== undefined && { triggerAllowlist: lists.trigger }),
  });
}

test("the guard lets through exactly what a naive reading of the allowlists allows", async () => {
  const seen = { passed: 0, denied: 0 };
  await fc.assert(
    fc.asyncProperty(
      allowlists,
      fc.array(target(word), { minLength: 20, maxLength: 40 }),
      async (lists, targets) => {
        await using webhook = await start(lists);
        for (const one of targets) {
          const { code, called } = await decide(webhook, one);
          const pass = passes(lists, one);
          seen[pass ? "passed" : "denied"] += 1;
          if (pass) {
            const refusals = ["not_allowlisted", "endpoint_not_found"];
            // The guard compares; that no app can have a name is for the client to say.
            const isName = one.kind !== "app" || /^[a-z0-9-]+$/i.test(one.words.join());
            expect(isName ? [...refusals, "invalid_input"] : refusals, one.line).not.toContain(
              code,
            );
          } else
            expect({ line: one.line, code, called }).toMatchObject({
              code: "not_allowlisted",
              called: false,
            });
        }
      },
    ),
    { numRuns: 25 },
  );
  expect(Math.min(seen.passed, seen.denied)).toBeGreaterThan(100);
});

test("what is no name is refused whatever is allowed, before anybody is asked", async () => {
  await fc.assert(
    fc.asyncProperty(
      allowlists,
      fc.array(target(fc.oneof(noName, word)), { minLength: 20, maxLength: 40 }),
      async (lists, targets) => {
        await using webhook = await start(lists);
        const known = new Set([...names, ...lookalikes, ...places]);
        for (const one of targets) {
          if (one.words.every((part) => known.has(part))) continue;
          const { code, called } = await decide(webhook, one);
          expect(["invalid_input", "endpoint_not_found"], one.line).toContain(code);
          expect(called).toBe(false);
        }
      },
    ),
    { numRuns: 12 },
  );
});
