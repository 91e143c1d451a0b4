import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { AuthContext } from "../../src/client/auth/auth-context.ts";
import { createAuthenticator } from "../../src/client/auth/create-authenticator.ts";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import type { AuthChoice } from "../../src/client/config/choose-auth.ts";
import { parseEndpoint } from "../../src/client/endpoint.ts";
import type { Authenticator } from "../../src/client/options.ts";
import { FlyteError } from "../../src/shared/errors.ts";
import {
  type FormReply,
  type FormRequest,
  type SignInStub,
  startSignInStub,
} from "../support/sign-in-stub.ts";

interface SetUp {
  readonly authenticator: Authenticator;
  readonly notices: string[];
  readonly clock: { now: number };
}

function setUp(
  stub: Pick<SignInStub, "url">,
  choice: AuthChoice,
  context: Partial<AuthContext> = {},
): SetUp {
  const notices: string[] = [];
  const clock = { now: 1_000_000 };
  const authenticator = createAuthenticator({
    choice,
    readSecret: async () => "planted secret/1",
    context: {
      endpoint: parseEndpoint(stub.url),
      tls: {},
      notify: (text) => notices.push(text),
      interactive: true,
      now: () => clock.now,
      ...context,
    },
  });
  return { authenticator, notices, clock };
}

const clientSecret: AuthChoice = {
  type: "ClientSecret",
  clientId: "svc-1",
  secret: { value: "unused" },
  scopes: undefined,
};

/** Tokens numbered in the order they are given out. */
function numbered(expiresIn = 3600): () => FormReply {
  let count = 0;
  return () => {
    count += 1;
    return {
      body: {
        access_token: `token-${count}`,
        expires_in: expiresIn,
        refresh_token: `again-${count}`,
      },
    };
  };
}

const bearer = (token: string, name = "authorization") => [[name, `Bearer ${token}`]];

test("client credentials are exchanged as RFC 6749 says, with the server's scopes and audience", async () => {
  await using stub = await startSignInStub({
    reply: numbered(),
    audience: "https://flyte",
    headerKey: "Flyte-Authorization",
  });
  const { authenticator } = setUp(stub, clientSecret);
  expect(await authenticator.headers(undefined)).toEqual(bearer("token-1", "flyte-authorization"));
  expect(stub.requests).toEqual([
    {
      path: "/token",
      form: { grant_type: "client_credentials", scope: "all offline", audience: "https://flyte" },
      authorization: `Basic ${Buffer.from("svc-1:planted+secret%2F1").toString("base64")}`,
    },
  ]);
});

test("a token is used until shortly before its end, then replaced ahead of a refusal", async () => {
  await using stub = await startSignInStub({ reply: numbered(100) });
  const { authenticator, clock } = setUp(stub, clientSecret);
  expect(await authenticator.headers(undefined)).toEqual(bearer("token-1"));
  clock.now += 89_000;
  expect(await authenticator.headers(undefined)).toEqual(bearer("token-1"));
  clock.now += 2_000;
  expect(await authenticator.headers(undefined)).toEqual(bearer("token-2"));
  expect(stub.discoveries()).toBe(1);
});

test("fifty calls at once fetch one token, and fifty refusals of it fetch one more", async () => {
  await using stub = await startSignInStub({ reply: numbered() });
  const { authenticator } = setUp(stub, clientSecret);
  const fifty = Array.from({ length: 50 });
  const sent = await Promise.all(fifty.map(() => authenticator.headers(undefined)));
  expect(stub.requests).toHaveLength(1);
  const retried = await Promise.all(sent.map((headers) => authenticator.refresh?.(headers)));
  expect(retried.every(Boolean)).toBe(true);
  expect(stub.requests).toHaveLength(2);
  // A refusal of the first token that arrives late finds the second one already there.
  expect(await authenticator.refresh?.(sent[0])).toBe(true);
  expect(stub.requests).toHaveLength(2);
  expect(await authenticator.headers(undefined)).toEqual(bearer("token-2"));
});

test("a caller that gives up leaves the others waiting for the same token", async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const give = numbered();
  await using stub = await startSignInStub({ reply: async () => held.then(give) });
  const { authenticator } = setUp(stub, clientSecret);
  const controller = new AbortController();
  const left = Promise.resolve(authenticator.headers(controller.signal));
  const stayed = authenticator.headers(undefined);
  controller.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  release();
  expect(await stayed).toEqual(bearer("token-1"));
  expect(stub.requests).toHaveLength(1);
});

test.each<[string, FormReply, string, string]>([
  [
    "a refused client",
    { status: 401, body: { error: "invalid_client", error_description: "planted secret/1" } },
    "unauthenticated",
    "invalid_client",
  ],
  [
    "a page in place of JSON",
    { status: 500, body: "<p>planted secret/1</p>" },
    "unavailable",
    "HTTP status 500",
  ],
  [
    "an answer without a token",
    { body: { token: "planted" } },
    "unavailable",
    "holds no access_token",
  ],
  [
    "a token that splits headers",
    { body: { access_token: "planted\r\nx: y" } },
    "unavailable",
    "holds no access_token",
  ],
  [
    "a redirect",
    { status: 302, headers: { location: "http://127.0.0.1:1/planted" }, body: "" },
    "unavailable",
    "HTTP status 302",
  ],
  [
    "a refusal with a hostile code",
    { status: 400, body: { error: "planted secret/1" } },
    "unavailable",
    "HTTP status 400",
  ],
])("%s is an error that repeats no secret", async (_name, reply, code, message) => {
  await using stub = await startSignInStub({ reply: () => reply });
  const { authenticator } = setUp(stub, clientSecret);
  const error = await caught(authenticator.headers(undefined));
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
  expect(error.message).not.toMatch(/planted|svc-1:/);
});

test("a secret is not sent over plain text to another machine, nor to an address with credentials", async () => {
  for (const tokenEndpoint of [
    "http://192.0.2.1/token",
    "ftp://127.0.0.1/",
    "https://a:b@idp.example.com/",
    ":",
  ]) {
    await using stub = await startSignInStub({ reply: numbered(), tokenEndpoint });
    const error = await caught(setUp(stub, clientSecret).authenticator.headers(undefined));
    expect(error).toMatchObject({ code: "invalid_config" });
    expect(error.message).toContain("token endpoint is not a safe address");
  }
});

test("what authMetadata bound goes before the own credential, and its refusal is not retried", async () => {
  await using stub = await startSignInStub({ reply: numbered() });
  const { authenticator } = setUp(stub, clientSecret);
  const callers = [["authorization", "Bearer caller"]] as const;
  await authMetadata(callers, async () => {
    expect(await authenticator.headers(undefined)).toEqual(callers);
    expect(await authenticator.refresh?.(callers)).toBe(false);
  });
  expect(stub.requests).toEqual([]);
});

test("a control plane without a sign-in service is named with the remedy", async () => {
  const server = createServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const error = await caught(setUp({ url }, clientSecret).authenticator.headers(undefined));
    expect(error).toMatchObject({ code: "unauthenticated" });
    expect(error.message).toContain("FLYTE_API_KEY");
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

const pkce: AuthChoice = { type: "Pkce", clientId: undefined, scopes: undefined };
const device: AuthChoice = { type: "DeviceFlow", clientId: undefined, scopes: undefined };

test("without a refusal nobody is asked to sign in", async () => {
  await using stub = await startSignInStub({ reply: numbered() });
  for (const choice of [pkce, device]) {
    expect(await setUp(stub, choice).authenticator.headers(undefined)).toBeUndefined();
  }
  expect(stub.discoveries()).toBe(0);
});

test("where no person is, a refusal says how to give a credential", async () => {
  await using stub = await startSignInStub({ reply: numbered() });
  for (const choice of [pkce, device]) {
    const { authenticator } = setUp(stub, choice, { interactive: false });
    const error = await caught(authenticator.refresh?.(undefined) ?? Promise.resolve());
    expect(error.code).toBe("unauthenticated");
    expect(error.message).toContain("FLYTE_API_KEY");
  }
});

test("the device flow shows the code, polls until it is entered, and renews without asking again", async () => {
  let polls = 0;
  const give = numbered(100);
  const reply = ({ path, form }: FormRequest): FormReply => {
    if (path === "/device") {
      return {
        body: {
          device_code: "dev",
          user_code: "ABCD",
          verification_uri: "http://127.0.0.1/enter",
          interval: 0.001,
        },
      };
    }
    if (form["grant_type"] === "refresh_token") return give();
    polls += 1;
    return polls < 3 ? { status: 400, body: { error: "authorization_pending" } } : give();
  };
  await using stub = await startSignInStub({ reply });
  const { authenticator, notices, clock } = setUp(stub, device);
  expect(await authenticator.refresh?.(undefined)).toBe(true);
  expect(notices).toEqual(["To sign in, open http://127.0.0.1/enter and enter the code ABCD"]);
  expect(polls).toBe(3);
  clock.now += 95_000;
  expect(await authenticator.headers(undefined)).toEqual(bearer("token-2"));
  expect(stub.requests.at(-1)?.form).toEqual({
    grant_type: "refresh_token",
    refresh_token: "again-1",
    client_id: "public-client",
  });
  expect(notices).toHaveLength(1);
});

test("a refused device code ends the wait", async () => {
  const reply = ({ path }: FormRequest): FormReply =>
    path === "/device"
      ? {
          body: {
            device_code: "dev",
            user_code: "ABCD",
            verification_uri: "https://idp.example.com/",
            interval: 0.001,
          },
        }
      : { status: 400, body: { error: "access_denied" } };
  await using stub = await startSignInStub({ reply });
  const { authenticator } = setUp(stub, device);
  await expect(authenticator.refresh?.(undefined)).rejects.toThrow("access_denied");
});

async function caught(promise: unknown): Promise<FlyteError> {
  try {
    await promise;
  } catch (error) {
    if (FlyteError.is(error)) return error;
    throw error;
  }
  throw new Error("expected a FlyteError");
}
