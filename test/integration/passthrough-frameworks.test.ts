import { describe, expect, test } from "vitest";
import { cookieExtractor } from "../../src/app/passthrough/cookie-extractor.ts";
import type { CredentialFunction } from "../../src/app/passthrough/credential-extractor.ts";
import { authorizationExtractor } from "../../src/app/passthrough/extractors.ts";
import { authMetadata, currentAuthMetadata } from "../../src/client/auth-metadata.ts";
import { createCaller } from "../support/http.ts";
import { frameworks, startPassthroughApp } from "../support/passthrough-apps.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";

const merging = ["Hono", "Fetch"];

describe.each(Object.keys(frameworks))("%s", (framework) => {
  test("stops a request without a credential, wherever it goes", async () => {
    await using app = await startPassthroughApp(framework);
    for (const path of ["/who", "/nowhere", "/health/", "//health", "/health;x", "/%68ealth"]) {
      const { status, head, body } = await sendRaw(app.url, rawRequest(`GET ${path}`));
      expect(`${path} ${status}`).toBe(`${path} 401`);
      expect(head).toMatch(/^www-authenticate: Bearer\r?$/im);
      expect(head).toMatch(/^content-type: application\/problem\+json\r?$/im);
      expect(head).toMatch(/^cache-control: no-store\r?$/im);
      expect(body).toContain(
        JSON.stringify({
          type: "urn:flyte-webhook:problem:unauthenticated",
          title: "Unauthenticated",
          status: 401,
          detail: "Authentication credentials required",
          code: "unauthenticated",
        }),
      );
    }
    expect(app.stub.calls).toEqual([]);
    expect((await createCaller(app.url, "a").get("/who")).body).toEqual({ subject: "Bearer a" });
  });

  const doubtful: readonly (readonly [string, readonly string[]])[] = [
    ["two authorizations", ["authorization: Bearer a", "Authorization: Bearer b"]],
    ["the same authorization twice", ["authorization: Bearer a", "authorization: Bearer a"]],
    ["an empty authorization and one more", ["authorization:", "authorization: Bearer a"]],
    ["a letter beyond ASCII", ["authorization: Bearer \xe9"]],
    ["a tab", ["authorization: Bearer a\tb"]],
  ];

  test.each(doubtful)("refuses %s", async (_, headers) => {
    await using app = await startPassthroughApp(framework);
    const request = Buffer.from(rawRequest("GET /who", headers), "latin1");
    const answer = await sendRaw(app.url, request);
    expect(answer.status).toBe(400);
    expect(answer.head).not.toMatch(/www-authenticate/i);
    expect(answer.body).toContain('"code":"invalid_input"');
    expect(answer.body).not.toMatch(/Bearer (a|b|\xe9)/);
    expect(app.stub.calls).toEqual([]);
    expect((await createCaller(app.url, "a").get("/who")).status).toBe(200);
  });

  test("refuses two cookie headers where they arrive apart, and two cookies of a named one anyhow", async () => {
    const headerExtractors = [cookieExtractor({ names: ["session"] })];
    await using app = await startPassthroughApp(framework, { headerExtractors });
    const send = async (...headers: string[]) =>
      (await sendRaw(app.url, rawRequest("GET /who", headers))).status;
    expect(await send("cookie: session=a", "cookie: session=b")).toBe(400);
    expect(await send("cookie: session=a; session=b")).toBe(400);
    const apart = merging.includes(framework) ? 200 : 400;
    expect(await send("cookie: session=a", "cookie: theme=dark")).toBe(apart);
    app.stub.calls.splice(0);
    expect(await send("cookie: ga=1; session=a; theme=dark")).toBe(200);
    expect(new Set(app.stub.calls.map(({ cookie }) => cookie))).toEqual(new Set(["session=a"]));
  });

  test("has nothing bound on excluded paths, even when a credential was sent", async () => {
    await using app = await startPassthroughApp(framework);
    expect((await createCaller(app.url, "a").get("/health?x=1")).body).toEqual({ subject: "" });
    expect((await createCaller(app.url).get("/health")).body).toEqual({ subject: "" });
    expect(currentAuthMetadata()).toBeUndefined();
  });

  test("has nothing bound on excluded paths of a server that was started with a credential", async () => {
    const starting = [["authorization", "Bearer of-the-start"]] as const;
    await using app = await authMetadata(starting, () => startPassthroughApp(framework));
    expect((await createCaller(app.url).get("/health")).body).toEqual({ subject: "" });
    expect((await createCaller(app.url, "a").get("/who")).body).toEqual({ subject: "Bearer a" });
  });

  test("waits for extractors that ask elsewhere, and skips those that fail", async () => {
    const logged: object[] = [];
    const lookUp: CredentialFunction = async ({ headers, url, method }) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (headers["x-session"] === "broken") throw new Error("planted-secret");
      if (headers["x-session"] === undefined) return undefined;
      return ["authorization", `Bearer ${headers["x-session"]} of ${method} ${url}`];
    };
    await using app = await startPassthroughApp(framework, {
      headerExtractors: [authorizationExtractor, lookUp],
      logger: { warn: (details) => void logged.push(details) },
    });
    const get = async (headers: Record<string, string>) => {
      const answer = await fetch(`${app.url}/who?x=1`, { headers });
      const body: unknown = await answer.json();
      return [answer.status, Object(body).subject];
    };
    expect(await get({ "x-session": "s" })).toEqual([200, "Bearer s of GET /who?x=1"]);
    expect(await get({ authorization: "Bearer a" })).toEqual([200, "Bearer a"]);
    expect(await get({})).toEqual([401, undefined]);
    expect(logged).toEqual([]);
    expect(await get({ "x-session": "broken" })).toEqual([401, undefined]);
    expect(await get({ "x-session": "broken", authorization: "Bearer a" })).toEqual([
      200,
      "Bearer a",
    ]);
    expect(logged).toHaveLength(2);
    expect(JSON.stringify(logged)).toContain("headerExtractors[1] (lookUp)");
    expect(JSON.stringify(logged)).not.toContain("planted");
    const body = await fetch(`${app.url}/body`, {
      method: "POST",
      headers: { "x-session": "s", "content-type": "application/octet-stream" },
      body: "x".repeat(300_000),
    });
    expect(await body.json()).toEqual({ subject: "Bearer s of POST /body" });
  });

  test("takes no forwarded header for the path", async () => {
    await using app = await startPassthroughApp(framework);
    const headers = ["x-forwarded-uri", "x-original-url", "x-rewrite-url", "x-forwarded-prefix"];
    const spoofed = headers.map((name) => `${name}: /health`);
    expect((await sendRaw(app.url, rawRequest("GET /who", spoofed))).status).toBe(401);
  });

  test("refuses at the start what cannot be recognised safely", async () => {
    await expect(
      startPassthroughApp(framework, { excludedPaths: ["/a/../b"] }),
    ).rejects.toMatchObject({ code: "invalid_config" });
  });
});
