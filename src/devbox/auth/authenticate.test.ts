import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../store/database.ts";
import { insertApiKey, putRole, revokeApiKey } from "../store/identities.ts";
import { migrate } from "../store/migrations.ts";
import { deriveTokenKey, formatAccessToken } from "./access-token.ts";
import { formatApiKey, generateApiKey, hashSecret } from "./api-key.ts";
import { authenticate } from "./authenticate.ts";
import { createAuthorizer } from "./create-authorizer.ts";
import { seedState } from "./seed.ts";

/** A state with a key of bob's that expires at 1000. */
function openWithKey() {
  const database = openDatabase(":memory:");
  onTestFinished(() => database.close());
  migrate(database);
  seedState(database, 0);
  const key = generateApiKey();
  insertApiKey(database, {
    id: key.id,
    secret_hash: hashSecret(key.secret),
    subject: "bob",
    name: "test",
    created_at: 0,
    expires_at: 1_000,
    revoked_at: null,
  });
  const ask = (text: string, time: number) => {
    const headers = new Headers({ authorization: `Bearer ${text}` });
    try {
      return authenticate(headers, { database, anonymous: undefined, now: () => time })?.subject;
    } catch (error) {
      return ConnectError.from(error).code;
    }
  };
  return { database, key, ask };
}

test("a key that was good a moment ago is refused once it has expired", () => {
  const { key, ask } = openWithKey();
  const text = formatApiKey(key);
  expect([ask(text, 998), ask(text, 999), ask(text, 1_000)]).toEqual([
    "bob",
    "bob",
    Code.Unauthenticated,
  ]);
});

test("a key that was good a moment ago is refused by the next call after it was revoked", async () => {
  const { database, key, ask } = openWithKey();
  const text = formatApiKey(key);
  expect([ask(text, 1), ask(text, 1)]).toEqual(["bob", "bob"]);
  const revoked = database.write(() => revokeApiKey(database, key.id, 2));
  // Before the commit it is not revoked: a crash would undo it.
  expect(ask(text, 2)).toBe("bob");
  expect(await revoked).toBe(true);
  expect(ask(text, 2)).toBe(Code.Unauthenticated);
});

test("a good call does not let another secret of the same key through", () => {
  const { key, ask } = openWithKey();
  const other = formatApiKey({ ...generateApiKey(), id: key.id });
  expect([ask(formatApiKey(key), 1), ask(other, 1)]).toEqual(["bob", Code.Unauthenticated]);
});

test("an access token is good until its own end and that of its key, where tokens are taken", () => {
  const { database, key, ask } = openWithKey();
  const tokenKey = deriveTokenKey(new Uint8Array(32));
  const proven = { id: key.id, secretHash: hashSecret(key.secret) };
  const who = (end: number, time: number) => {
    const authorization = `Bearer ${formatAccessToken(tokenKey, proven, end)}`;
    const options = { database, anonymous: undefined, tokenKey, now: () => time };
    try {
      return authenticate(new Headers({ authorization }), options)?.subject;
    } catch (error) {
      return ConnectError.from(error).code;
    }
  };
  expect([who(500, 499), who(500, 500), who(2_000, 999), who(2_000, 1_000)]).toEqual([
    "bob",
    Code.Unauthenticated,
    "bob",
    Code.Unauthenticated,
  ]);
  expect(ask(formatAccessToken(tokenKey, proven, 500), 1)).toBe(Code.Unauthenticated);
});

test("a changed role holds for the next question", async () => {
  const { database } = openWithKey();
  const authorizer = createAuthorizer(database);
  const bob = { subject: "bob", name: "Bob", email: "" };
  const place = { project: "flytesnacks", domain: "production" };
  const role = { subject: "bob", project: "*", domain: "production", role: "contributor" };
  expect(authorizer.allows(bob, "run", place)).toBe(false);
  await database.write(() => putRole(database, role));
  expect(authorizer.allows(bob, "run", place)).toBe(true);
  await database.write(() => putRole(database, { ...role, role: "viewer" }));
  expect(authorizer.allows(bob, "run", place)).toBe(false);
});
