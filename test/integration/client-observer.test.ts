import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import type { CallOutcome, ObservedCall } from "../../src/client/call-observer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { IdentityService } from "../../src/idl/auth.ts";
import { RunService } from "../../src/idl/runs.ts";
import { startStub, stubRun } from "../support/scripted-control-plane.ts";

type Seen = Pick<ObservedCall, "method" | "kind" | "attempt"> & Pick<CallOutcome, "code">;

/** A control plane and what an observer of it sees. */
async function observed(routes: Parameters<typeof startStub>[0], retries = 0) {
  const stub = await startStub(routes);
  const flyte = createControlPlane({
    ...{ endpoint: stub.url, project: "p", domain: "d", retries },
  });
  const seen: Seen[] = [];
  const observing = flyte.observe(({ service, method, kind, attempt, baseUrl }) => {
    expect(service).toMatch(/^flyteidl2\./);
    expect(baseUrl).toBe(stub.url);
    return {
      headers: { "x-attempt": String(attempt) },
      ended({ code, durationMs }) {
        expect(durationMs).toBeGreaterThanOrEqual(0);
        seen.push({ method, kind, attempt, code });
      },
    };
  });
  return { stub, flyte, seen, observing };
}

test("each try of a call is told of, with its number and its code, until nobody listens", async () => {
  let fails = 1;
  const { stub, flyte, seen, observing } = await observed((router) => {
    router.service(IdentityService, {
      userInfo: () => {
        if (fails-- > 0) throw new ConnectError("not now", Code.Unavailable);
        return {};
      },
    });
  }, 1);
  await using _ = flyte;
  await flyte.users.me();
  const call = { method: "UserInfo", kind: "unary" } as const;
  expect(seen).toEqual([
    { ...call, attempt: 0, code: "unavailable" },
    { ...call, attempt: 1, code: "ok" },
  ]);
  expect(stub.calls.map(({ headers }) => headers["x-attempt"])).toEqual(["0", "1"]);
  observing[Symbol.dispose]();
  await flyte.users.me();
  expect(seen).toHaveLength(2);
});

test("a call that never arrives, and one that is given up, have codes, too", async () => {
  const { flyte, seen } = await observed((router) => {
    router.service(IdentityService, { userInfo: () => new Promise(() => undefined) });
  });
  await using _ = flyte;
  await expect(flyte.users.me({ timeoutMs: 20 })).rejects.toThrow();
  await expect(flyte.users.me({ signal: AbortSignal.abort() })).rejects.toThrow();
  expect(seen.map(({ code }) => code)).toEqual(["deadline_exceeded", "canceled"]);
});

function details(phase: number) {
  const { action } = stubRun("run", phase);
  if (action === undefined) throw new Error("a run has an action");
  return { details: action };
}

test("streams are told of when they end and when they are left", async () => {
  const { flyte, seen } = await observed((router) => {
    router.service(RunService, {
      async *watchActionDetails() {
        yield details(4);
        yield details(5);
      },
    });
  });
  await using _ = flyte;
  for await (const _status of flyte.runs.watch({ name: "run" })) break;
  expect(seen).toEqual([
    { method: "WatchActionDetails", kind: "stream", attempt: 0, code: "canceled" },
  ]);
});
