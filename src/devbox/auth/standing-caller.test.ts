import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../store/database.ts";
import { insertApiKey, insertUser, putRole, revokeApiKey } from "../store/identities.ts";
import { migrate } from "../store/migrations.ts";
import { formatApiKey, generateApiKey, hashSecret } from "./api-key.ts";
import { standingCaller, whileStanding } from "./standing-caller.ts";

const everywhere = { project: "*", domain: "*" };

/** A viewer whose key ends at ten, and a clock that can be set. */
function openStanding() {
  const database = openDatabase(":memory:");
  onTestFinished(() => database.close());
  migrate(database);
  const key = generateApiKey();
  const user = { subject: "carol", name: "Carol", email: "" };
  const { subject } = user;
  database.writeNow(() => {
    insertUser(database, user, 0);
    putRole(database, { subject, ...everywhere, role: "viewer" });
    insertApiKey(database, {
      ...{ id: key.id, secret_hash: hashSecret(key.secret), subject, name: "test" },
      ...{ created_at: 0, expires_at: 10, revoked_at: null },
    });
  });
  let time = 0;
  const headers = new Headers({ authorization: `Bearer ${formatApiKey(key)}` });
  const standing = standingCaller(headers, { database, anonymous: undefined, now: () => time });
  expect(standing.caller).toEqual(user);
  return {
    standing,
    setTime: (now: number) => {
      time = now;
    },
    revoke: () => database.writeNow(() => revokeApiKey(database, key.id, 5)),
    putRole: (role: string, scope: object = {}) =>
      database.writeNow(() => putRole(database, { subject, ...everywhere, ...scope, role })),
  };
}

test("a caller stands while nothing changes, also when a role is given that was there", () => {
  const { standing, setTime, putRole } = openStanding();
  standing.check();
  putRole("viewer");
  setTime(9);
  standing.check();
});

test("a key that was revoked ends it", () => {
  const { standing, revoke } = openStanding();
  revoke();
  expect(() => standing.check()).toThrow(/^\[unauthenticated\] The credential is not valid/);
});

test("a key that has expired ends it", () => {
  const { standing, setTime } = openStanding();
  setTime(10);
  expect(() => standing.check()).toThrow("[unauthenticated]");
});

test.each([
  ["taken away", "none", {}],
  ["another one", "contributor", {}],
  ["one more", "viewer", { domain: "staging" }],
])("a role that is %s makes it ask anew", (_, role, scope) => {
  const { standing, putRole } = openStanding();
  putRole(role, scope);
  expect(() => standing.check()).toThrow("[unavailable] Your rights were changed");
});

test("a stranger stands for as long as strangers are let in", () => {
  const database = openDatabase(":memory:");
  onTestFinished(() => database.close());
  migrate(database);
  const standing = standingCaller(new Headers(), { database, anonymous: undefined });
  expect(standing.caller).toBeUndefined();
  standing.check();
});

test("messages end before the first one that is not for the caller any more", async () => {
  const { standing, revoke } = openStanding();
  let isLeft = false;
  async function* messages() {
    try {
      yield* [1, 2, 3];
    } finally {
      isLeft = true;
    }
  }
  const told: number[] = [];
  const all = async () => {
    for await (const message of whileStanding(messages(), standing)) {
      told.push(message);
      if (message === 2) revoke();
    }
  };
  await expect(all()).rejects.toThrow("[unauthenticated]");
  expect([told, isLeft]).toEqual([[1, 2], true]);
});
