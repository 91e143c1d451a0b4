import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { AuthContext } from "../../src/client/auth/auth-context.ts";
import { createPkceSource } from "../../src/client/auth/pkce.ts";
import { listenForCode } from "../../src/client/auth/redirect-listener.ts";
import { parseEndpoint } from "../../src/client/endpoint.ts";
import { type SignInStub, startSignInStub } from "../support/sign-in-stub.ts";
import { unusedPort } from "../support/unused-port.ts";

function contextOf(stub: SignInStub, notify: (page: URL) => void): AuthContext {
  return {
    endpoint: parseEndpoint(stub.url),
    tls: {},
    interactive: true,
    now: () => 0,
    notify: (text) => notify(new URL(text.replace("To sign in, open ", ""))),
    openBrowser: () => undefined,
  };
}

const refusedCall = () => ({
  previous: undefined,
  refused: true,
  signal: new AbortController().signal,
});

test("the browser's code is exchanged with the verifier of the challenge", async () => {
  const redirectUri = `http://127.0.0.1:${await unusedPort()}/callback`;
  await using stub = await startSignInStub({
    redirectUri,
    audience: "https://flyte",
    reply: () => ({ body: { access_token: "signed-in", expires_in: 100, refresh_token: "again" } }),
  });
  let page = new URL("http://unset/");
  const context = contextOf(stub, (opened) => {
    page = opened;
    const state = opened.searchParams.get("state");
    void visit(`${redirectUri}?state=wrong&code=stolen`).then(() =>
      visit(`${redirectUri}?state=${state}&code=planted-code`),
    );
  });
  const token = await createPkceSource({}, context).getToken(refusedCall());
  expect(token).toEqual({ accessToken: "signed-in", useUntil: 90_000, refreshToken: "again" });

  const asked = Object.fromEntries(page.searchParams);
  expect(page.href).toContain(`${stub.url}/authorize?`);
  expect(asked).toMatchObject({
    client_id: "public-client",
    response_type: "code",
    scope: "all offline",
    redirect_uri: redirectUri,
    audience: "https://flyte",
    code_challenge_method: "S256",
  });
  const [exchange] = stub.requests;
  expect(exchange?.form).toMatchObject({
    grant_type: "authorization_code",
    code: "planted-code",
    client_id: "public-client",
    redirect_uri: redirectUri,
  });
  const verifier = exchange?.form["code_verifier"] ?? "";
  expect(verifier).toMatch(/^[\w-]{43,128}$/);
  expect(createHash("sha256").update(verifier).digest("base64url")).toBe(asked["code_challenge"]);
});

test("a person who refuses ends the wait, and the listener with it", async () => {
  const redirectUri = `http://localhost:${await unusedPort()}/callback`;
  await using stub = await startSignInStub({ redirectUri, reply: () => ({ body: {} }) });
  const context = contextOf(stub, (page) => {
    void visit(`${redirectUri}?state=${page.searchParams.get("state")}&error=access_denied`);
  });
  await expect(createPkceSource({}, context).getToken(refusedCall())).rejects.toMatchObject({
    code: "unauthenticated",
    message: "Signing in was refused (access_denied). Try again.",
  });
  await expect(fetch(redirectUri)).rejects.toThrow();
  expect(stub.requests).toEqual([]);
});

test("visits with another path, method or state are turned away and do not end the wait", async () => {
  const address = `http://127.0.0.1:${await unusedPort()}/callback`;
  const { signal } = new AbortController();
  const statuses: number[] = [];
  const waiting = listenForCode(address, "right", signal, async () => {
    const { origin } = new URL(address);
    statuses.push(await visit(`${origin}/other?state=right&code=a`));
    statuses.push(await visit(`${origin}//evil/callback?state=right&code=a`));
    statuses.push(await visit(`${address}?state=righ&code=a`));
    statuses.push(await visit(`${address}?state=right`));
    statuses.push(await visit(`${address}?state=right&code=a`, "POST"));
    await visit(`${address}?state=right&code=b`);
  });
  expect(await waiting).toBe("b");
  expect(statuses).toEqual([404, 404, 400, 400, 405]);
});

test("who stops waiting closes the listener", async () => {
  const address = `http://127.0.0.1:${await unusedPort()}/callback`;
  const controller = new AbortController();
  const waiting = listenForCode(address, "s", controller.signal, () => controller.abort("enough"));
  await expect(waiting).rejects.toBe("enough");
  await expect(fetch(address)).rejects.toThrow();
});

test("a redirect to another machine, and a port that is taken, are refused with the remedy", async () => {
  const { signal } = new AbortController();
  const never = (): void => expect.unreachable("it must not listen");
  for (const address of ["http://192.0.2.1/callback", "https://127.0.0.1/callback", ""]) {
    await expect(listenForCode(address, "s", signal, never)).rejects.toMatchObject({
      code: "invalid_config",
    });
  }
  await using stub = await startSignInStub({ reply: () => ({ body: {} }) });
  await expect(listenForCode(`${stub.url}/callback`, "s", signal, never)).rejects.toThrow(
    "is taken or not allowed",
  );
});

async function visit(address: string, method = "GET"): Promise<number> {
  const response = await fetch(address, { method });
  await response.text();
  return response.status;
}
