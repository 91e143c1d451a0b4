import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { runIdOf } from "../support/devbox-client.ts";
import { LinkWebhooks } from "../support/link-webhook.ts";

let all: LinkWebhooks;
let url: string;
const log: string[] = [];

beforeAll(async () => {
  all = await LinkWebhooks.start();
  const logger = pino({ level: "trace" }, { write: (line: string) => log.push(line) });
  url = await all.webhook({ logger });
});

afterAll(() => all?.[Symbol.asyncDispose]());

interface Linked {
  readonly name: string;
  /** Where the link's page is here. */
  readonly page: string;
  readonly token: string;
}

/** A run that waits, and a link to its condition. */
async function linked(
  body: object = {},
  condition: Parameters<LinkWebhooks["waiting"]>[1] = {},
): Promise<Linked> {
  const { name } = await all.waiting("bob", condition);
  const made = await all.caller(url, "bob").post(`/run/${name}/condition/approve/links`, body);
  expect(made.status).toBe(200);
  const prefix = "https://hooks.example.com/base/signal/";
  expect(made.body.url.startsWith(prefix)).toBe(true);
  const token = made.body.url.slice(prefix.length);
  return { name, token, page: `${url}/signal/${token}` };
}

const conditionOf = async (name: string) =>
  (await all.caller(url, "bob").get(`/run/${name}/conditions`)).body.conditions[0];

function send(page: string, form?: Readonly<Record<string, string>>): Promise<Response> {
  const body = form === undefined ? null : new URLSearchParams(form);
  return fetch(page, { method: "POST", ...(body === null ? {} : { body }), redirect: "manual" });
}

test("opening a link changes nothing, its form signals once, and then it is over", async () => {
  const { name, page } = await linked({}, { prompt: "Ship it?", description: "Today's build" });
  for (let times = 0; times < 3; times++) {
    const opened = await fetch(page);
    expect(opened.status).toBe(200);
    expect(opened.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(opened.headers.get("cache-control")).toBe("no-store");
    expect(opened.headers.get("referrer-policy")).toBe("no-referrer");
    expect(opened.headers.get("x-robots-tag")).toBe("noindex, nofollow");
    const policy = opened.headers.get("content-security-policy");
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    const html = await opened.text();
    expect(html).toContain("Ship it?");
    expect(html).toContain("Today&#39;s build");
    expect(html).not.toContain("<script");
  }
  expect((await fetch(page, { method: "HEAD" })).status).toBe(405);
  expect((await conditionOf(name)).open).toBe(true);

  const done = await send(page, { value: "true" });
  expect([done.status, await done.text()]).toEqual([200, expect.stringContaining("Thank you")]);
  expect(await conditionOf(name)).toMatchObject({
    value: true,
    signalled_by: "links",
    open: false,
  });
  for (const late of [
    await send(page, { value: "true" }),
    await send(page, { value: "false" }),
    await fetch(page),
  ]) {
    expect(late.status).toBe(410);
    expect(await late.text()).toContain("nothing to answer any more");
  }
});

test("of many who use a link at once with different answers, one wins", async () => {
  const { name, page } = await linked({}, { type: SimpleType.INTEGER });
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, value) => send(page, { value: String(value) })),
  );
  const won = answers.flatMap(({ status }, value) => (status === 200 ? [value] : []));
  expect(won).toEqual([(await conditionOf(name)).value]);
  expect(answers.filter(({ status }) => status === 410)).toHaveLength(11);
});

test("a link with a value of its own signals that, whatever is sent", async () => {
  const { name, page } = await linked({ value: 2.5 }, { type: SimpleType.FLOAT });
  expect(await (await fetch(page)).text()).toContain("<button>Send 2.5</button>");
  expect((await send(page, { value: "99" })).status).toBe(200);
  expect((await conditionOf(name)).value).toBe(2.5);
  const plain = await linked({ value: false });
  expect((await send(plain.page)).status).toBe(200);
  expect((await conditionOf(plain.name)).value).toBe(false);
});

test("what a person sends is checked, and asked for again when it does not fit", async () => {
  const { name, page } = await linked({}, { type: SimpleType.INTEGER });
  const refused = await send(page, { value: "many" });
  expect(refused.status).toBe(400);
  const html = await refused.text();
  expect(html).toContain('<p role="alert">Give a whole number.</p>');
  expect(html).toContain('<form method="post">');
  expect((await send(page)).status).toBe(400);
  const asJson = await fetch(page, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"value":1}',
  });
  expect(asJson.status).toBe(400);
  expect((await send(page, { value: "1".repeat(20_000) })).status).toBe(400);
  expect((await conditionOf(name)).open).toBe(true);
  expect((await send(page, { value: " 42 " })).status).toBe(200);
});

test("texts of a run are shown as text, and cannot leave the page or turn it around", async () => {
  const evil = "<img src=x onerror=alert(1)>\"'&\u202egnp.exe\u0000\u200b";
  const { page } = await linked(
    {},
    { prompt: evil, description: `</p><form action=//evil>${evil}` },
  );
  const html = await (await fetch(page)).text();
  expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;gnp.exe");
  expect(html).not.toMatch(/[\u202e\u200b\0]/u);
  expect(html).not.toContain("<img");
  expect(html.match(/<form/g)).toHaveLength(1);
});

test("only who started the run may have a link made, and only for what still waits", async () => {
  const { name } = await all.waiting("bob");
  const path = `/run/${name}/condition/approve/links`;
  for (const user of ["vera", "alice", "links"]) {
    const refused = await all.caller(url, user).post(path, {});
    expect(refused).toMatchObject({ status: 403, body: { code: "permission_denied" } });
    expect(refused.body.detail).toContain("Only who has started run");
  }
  expect((await fetch(`${url}${path}`, { method: "POST" })).status).toBe(401);
  const bob = all.caller(url, "bob");
  expect((await bob.post(`/run/${name}/condition/absent/links`, {})).status).toBe(404);
  await bob.post(`/run/${name}/condition/approve/signal`, { value: true });
  expect(await bob.post(path, {})).toMatchObject({ status: 409, body: { code: "conflict" } });
});

test.for([
  [{ expires_in: 0 }, "expires_in"],
  [{ expires_in: 2_592_001 }, "expires_in"],
  [{ value: "yes" }, "value"],
  [{ value: 1 }, "value"],
  [{ value: { a: 1 } }, "value"],
  [{ value: "x".repeat(2000) }, "value"],
] as const)("a link of %j is refused", async ([body, place]) => {
  const { name } = await all.waiting("bob");
  const made = await all.caller(url, "bob").post(`/run/${name}/condition/approve/links`, body);
  expect(made.status).toBe(400);
  expect(made.body.errors.map(({ path }: { readonly path: string }) => path)).toEqual([place]);
});

test("a link ends at its time, and never after its condition", async () => {
  const { name, page } = await linked({ expires_in: 1 });
  await expect.poll(async () => (await fetch(page)).status).toBe(410);
  const late = await send(page, { value: "true" });
  expect([late.status, await late.text()]).toEqual([410, expect.stringContaining("has expired")]);
  expect((await conditionOf(name)).open).toBe(true);

  const { name: timed } = await all.waiting("bob", { timeout: { seconds: 60n } as never });
  const made = await all.caller(url, "bob").post(`/run/${timed}/condition/approve/links`, {});
  expect(made.body.expires_at).toBe((await conditionOf(timed)).deadline);
});

test("a link of an aborted run, of another webhook, of another key or of a hidden run opens nothing", async () => {
  const aborted = await all.waiting("bob");
  const bob = all.caller(url, "bob");
  const made = await bob.post(`/run/${aborted.name}/condition/approve/links`, {});
  await all.client("bob").runs.abortRun({ runId: runIdOf(aborted.run) });
  const there = made.body.url.replace("https://hooks.example.com/base", url);
  expect((await send(there, { value: "true" })).status).toBe(410);

  const { name, token } = await linked();
  const key = "another key of the tests, as long as the first";
  const others = await Promise.all([
    all.webhook({ name: "other" }),
    all.webhook({ signalLinks: { ...all.linkOptions(), key } }),
    all.webhook({ taskAllowlist: ["other"] }),
  ]);
  for (const other of others) {
    expect((await fetch(`${other}/signal/${token}`)).status).toBe(404);
    expect((await send(`${other}/signal/${token}`, { value: "true" })).status).toBe(404);
  }
  expect((await conditionOf(name)).open).toBe(true);
  // Another replica of the same webhook takes it, and after a restart it would, too.
  const replica = await all.webhook();
  expect((await send(`${replica}/signal/${token}`, { value: "true" })).status).toBe(200);
});

test("what looks like a link and is none asks the control plane nothing", async () => {
  const { token } = await linked();
  const [payload = "", proof = ""] = token.split(".");
  const changed = Buffer.from(payload, "base64url").toString().replace("approve", "other");
  for (const bad of [
    "x",
    `${payload}.`,
    `${payload}.${"A".repeat(43)}`,
    `${Buffer.from(changed).toString("base64url")}.${proof}`,
    `${payload}%2e${proof}%00`,
    `${"A".repeat(6000)}.${proof}`,
    `..%2f..%2frun`,
  ]) {
    const answers = [
      await fetch(`${url}/signal/${bad}`),
      await send(`${url}/signal/${bad}`, { value: "true" }),
    ];
    for (const { status } of answers) expect([400, 401, 404]).toContain(status);
  }
  expect((await fetch(`${url}/signal/`)).status).toBe(404);
});

test("one link cannot keep the control plane busy", async () => {
  const { page } = await linked();
  const statuses: number[] = [];
  for (let times = 0; times < 40; times++) statuses.push((await fetch(page)).status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(30);
  expect(statuses.slice(30)).toEqual(Array(10).fill(429));
});

test("a service without the right says that it does not work now, and tells nothing of why", async () => {
  const { name, token } = await linked();
  const weak = await all.webhook({ signalLinks: all.linkOptions("vera") });
  const refused = await send(`${weak}/signal/${token}`, { value: "true" });
  expect(refused.status).toBe(503);
  expect(await refused.text()).not.toMatch(/vera|may not|permission/);
  expect((await conditionOf(name)).open).toBe(true);
});

test("neither tokens nor credentials are in the log, nor the token in any other answer", async () => {
  const { page, token } = await linked();
  await fetch(page);
  await send(page, { value: "perhaps" });
  await send(page, { value: "true" });
  const text = log.join("");
  expect(text).toContain('"route":"/signal/:token"');
  expect(text).not.toContain(token);
  expect(text).not.toContain(token.split(".")[1]);
  for (const user of ["bob", "links", "alice"]) expect(text).not.toContain(all.keyOf(user));
  expect(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).not.toContain(
    all.keyOf("links").slice(0, 20),
  );
});

test.for([
  [{ key: "short" }, "at least 32 characters"],
  [{ url: "http://hooks.example.com" }, "must begin with https://"],
  [{ url: "hooks.example.com" }, "must be the address of the webhook"],
  [{ url: "https://a:b@hooks.example.com" }, "must be the address of the webhook"],
  [{ url: "https://hooks.example.com/?a=b" }, "must be the address of the webhook"],
  [{ url: "javascript:alert(1)" }, "must be the address of the webhook"],
] as const)("links of %j are refused at construction", async ([wrong, text]) => {
  const signalLinks = { ...all.linkOptions(), ...wrong };
  await expect(all.webhook({ signalLinks })).rejects.toThrow(text);
});

test("the control plane of the callers cannot be that of the links", async () => {
  await using controlPlane = createControlPlane({
    endpoint: all.devbox.url,
    project: "flytesnacks",
    domain: "development",
  });
  const signalLinks = { ...all.linkOptions(), controlPlane };
  expect(() => createWebhook({ name: "links", controlPlane, signalLinks })).toThrow(
    "a credential of its own",
  );
});
