import { expect, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTargetApp, type TargetApp } from "../support/target-app.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

const planted = ["authorization: Bearer planted-key", "cookie: session=planted-cookie"];

const call = ({ url }: TestWebhook, app = "site", path = "/") =>
  sendRaw(url, rawRequest(`POST /app/${app}/call?path=${path}`, planted));

function credentials({ requests }: TargetApp): readonly (readonly [string, string])[] {
  const names = ["authorization", "cookie"];
  return requests.flatMap(({ headers }) => headers.filter(([name]) => names.includes(name)));
}

const asksForOne = () =>
  startTargetApp((response) => {
    response.writeHead(401, { "www-authenticate": "Basic", "content-type": "text/plain" });
    response.end("who are you?");
  });

for (const entry of ["site", "flytesnacks/site", "development/flytesnacks/site"]) {
  test(`an app that is listed as ${entry} gets the caller's credential`, async () => {
    await using webhook = await startTestWebhook({ appAllowlist: [entry] });
    const app = await startTargetApp();
    webhook.stub.apps.set("site", { endpoint: app.url });
    expect((await call(webhook)).status).toBe(200);
    expect(credentials(app)).toEqual([
      ["authorization", "Bearer planted-key"],
      ["cookie", "session=planted-cookie"],
    ]);
  });
}

test("without a list no app gets it, and one that asks for it is explained", async () => {
  await using webhook = await startTestWebhook();
  const app = await asksForOne();
  webhook.stub.apps.set("site", { endpoint: app.url });
  const answer = await call(webhook);
  expect(credentials(app)).toEqual([]);
  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.body)).toMatchObject({
    code: "unauthenticated",
    detail: "App site asks for a credential.",
    hint: "Credentials go to apps that the appAllowlist of this webhook names, only.",
  });
  await app.left();
});

test("it never travels in plain text to another machine", async () => {
  await using webhook = await startTestWebhook({ appAllowlist: ["site"] });
  const app = await asksForOne();
  // Not a name of this machine, but an address at which it can be reached.
  webhook.stub.apps.set("site", { endpoint: app.url.replace("127.0.0.1", "0.0.0.0") });
  const answer = await call(webhook);
  expect(app.requests).toHaveLength(1);
  expect(credentials(app)).toEqual([]);
  expect(JSON.parse(answer.body).hint).toBe(
    "Credentials are not sent to apps at http:// addresses of other machines.",
  );
});

test("the 401 of an app that had it is the app's own", async () => {
  await using webhook = await startTestWebhook({ appAllowlist: ["site"] });
  const app = await asksForOne();
  webhook.stub.apps.set("site", { endpoint: app.url });
  const answer = await createCaller(webhook.url, "planted-key").post("/app/site/call?path=/");
  expect([answer.status, answer.body]).toEqual([401, "who are you?"]);
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
});

test("an app outside the list, and one elsewhere, is not even asked for", async () => {
  await using webhook = await startTestWebhook({ appAllowlist: ["other/site", "shop"] });
  const app = await startTargetApp();
  for (const name of ["site", "shop", "else"]) webhook.stub.apps.set(name, { endpoint: app.url });
  expect((await call(webhook)).status).toBe(403);
  expect((await call(webhook, "else")).status).toBe(403);
  expect(webhook.stub.takeMethods()).toEqual([]);
  expect((await call(webhook, "site", "/&project=other")).status).toBe(200);
  expect((await call(webhook, "shop", "/&project=any")).status).toBe(200);
});

test("no credential gets into the log or an error, wherever a call fails", async () => {
  await using webhook = await startTestWebhook({ appAllowlist: ["site"] });
  for (const endpoint of ["http://127.0.0.1:1", "http://user:planted@127.0.0.1/", "ftp://x"]) {
    webhook.stub.apps.set("site", { endpoint });
    const { status, body, head } = await call(webhook);
    expect(status).toBe(502);
    expect(`${head}${body}`).not.toContain("planted");
  }
});

test("callers of one app at the same time each have their own credential and answer", async () => {
  await using webhook = await startTestWebhook({ appAllowlist: ["site"] });
  const app = await startTargetApp((response, { headers }) => {
    const own = headers.find(([name]) => name === "authorization")?.[1];
    setImmediate(() => response.end(own));
  });
  webhook.stub.apps.set("site", { endpoint: app.url });
  const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
  const answers = await Promise.all(
    keys.map((key) => createCaller(webhook.url, key).post("/app/site/call?path=/")),
  );
  expect(answers.map(({ body }) => body)).toEqual(keys.map((key) => `Bearer ${key}`));
});
