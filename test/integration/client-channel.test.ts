import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { AuthMetadata } from "../../src/client/auth-metadata.ts";
import { type CallContext, startCall } from "../../src/client/call-context.ts";
import { Channel } from "../../src/client/channel.ts";
import type { Authenticator } from "../../src/client/options.ts";
import { passthroughAuthenticator } from "../../src/client/passthrough-authenticator.ts";
import { IdentityService } from "../../src/idl/auth.ts";
import { answer, httpPeer, proto } from "../support/hostile-peer.ts";

const { userInfo } = IdentityService.method;

/** A channel to a peer that gives these answers in turn, the last one for ever. */
async function openChannel(
  answers: readonly ((response: ServerResponse) => void)[],
  authenticator: Authenticator = passthroughAuthenticator,
) {
  const seen: IncomingMessage["headers"][] = [];
  const transport = await httpPeer((request, response) => {
    const next = answers[Math.min(seen.length, answers.length - 1)];
    seen.push(request.headers);
    next?.(response);
  });
  return { channel: new Channel({ transport, authenticator, retries: 2 }), seen };
}

function refuse(status: number, code: string, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ code, message: `it is ${code}` }));
  };
}

const accept = (response: ServerResponse): void => {
  response.writeHead(200, proto).end(answer);
};

const call = (): CallContext => startCall({}, 600_000);

test("a repeatable call outlives a passing failure under one request id", async () => {
  const { channel, seen } = await openChannel([refuse(503, "unavailable"), accept]);
  expect((await channel.unary(userInfo, {}, call())).subject).toBe("ann");
  expect(seen).toHaveLength(2);
  expect(seen[0]?.["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(seen[1]?.["x-request-id"]).toBe(seen[0]?.["x-request-id"]);
});

test("a call that must happen once is sent once", async () => {
  const { channel, seen } = await openChannel([refuse(503, "unavailable"), accept]);
  const sent = channel.unary(userInfo, {}, call(), "once");
  await expect(sent).rejects.toMatchObject({ code: "unavailable", message: "it is unavailable" });
  expect(seen).toHaveLength(1);
});

test.each(["unknown", "invalid_argument", "not_found", "permission_denied", "unauthenticated"])(
  "%s is final",
  async (code) => {
    const { channel, seen } = await openChannel([refuse(400, code), accept]);
    await expect(channel.unary(userInfo, {}, call())).rejects.toThrow(`it is ${code}`);
    expect(seen).toHaveLength(1);
  },
);

test("no retry begins that would end after the deadline", async () => {
  const busy = refuse(503, "unavailable", { "retry-after": "3600" });
  const { channel, seen } = await openChannel([busy]);
  await expect(channel.unary(userInfo, {}, call())).rejects.toMatchObject({
    code: "unavailable",
    retryAfterMs: 3_600_000,
  });
  expect(seen).toHaveLength(1);
});

test("a signal ends the wait for a retry", async () => {
  const controller = new AbortController();
  const { channel, seen } = await openChannel([
    (response) => {
      refuse(503, "unavailable", { "retry-after": "300" })(response);
      response.on("close", () => setImmediate(() => controller.abort()));
    },
  ]);
  const context = startCall({ signal: controller.signal }, 600_000);
  await expect(channel.unary(userInfo, {}, context)).rejects.toMatchObject({ code: "canceled" });
  expect(seen).toHaveLength(1);
});

function renewing(renews: boolean): Authenticator & { rejected: (AuthMetadata | undefined)[] } {
  const rejected: (AuthMetadata | undefined)[] = [];
  return {
    rejected,
    headers: () => [["authorization", `Bearer ${rejected.length}`]],
    async refresh(auth) {
      rejected.push(auth);
      return renews;
    },
  };
}

test("a refused credential is renewed once, for calls that must happen once as well", async () => {
  const authenticator = renewing(true);
  const { channel, seen } = await openChannel(
    [refuse(401, "unauthenticated"), accept],
    authenticator,
  );
  expect((await channel.unary(userInfo, {}, call(), "once")).subject).toBe("ann");
  expect(seen.map(({ authorization }) => authorization)).toEqual(["Bearer 0", "Bearer 1"]);
  expect(authenticator.rejected).toEqual([[["authorization", "Bearer 0"]]]);
});

test("a credential that stays refused is not tried for ever", async () => {
  const { channel, seen } = await openChannel([refuse(401, "unauthenticated")], renewing(true));
  await expect(channel.unary(userInfo, {}, call())).rejects.toMatchObject({
    code: "unauthenticated",
  });
  expect(seen).toHaveLength(2);
});

test("a credential given with the call is neither replaced nor renewed", async () => {
  const authenticator = renewing(true);
  const { channel, seen } = await openChannel([refuse(401, "unauthenticated")], authenticator);
  const context = startCall({ auth: [["authorization", "Bearer mine"]] }, 600_000);
  await expect(channel.unary(userInfo, {}, context)).rejects.toThrow("it is unauthenticated");
  expect(seen.map(({ authorization }) => authorization)).toEqual(["Bearer mine"]);
  expect(authenticator.rejected).toEqual([]);
});

test("a call that takes too long ends as deadline exceeded", async () => {
  const { channel } = await openChannel([() => undefined]);
  const late = channel.unary(userInfo, {}, startCall({ timeoutMs: 80 }, 1));
  await expect(late).rejects.toMatchObject({ code: "deadline_exceeded" });
});

test("a time limit that is none is refused", () => {
  for (const timeoutMs of [0, -1, Number.NaN]) {
    expect(() => startCall({ timeoutMs }, 1)).toThrow(/timeoutMs/);
  }
});
