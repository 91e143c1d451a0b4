import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test, vi } from "vitest";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import { startLongCall } from "../../src/client/call-context.ts";
import { Channel } from "../../src/client/channel.ts";
import { createConnectTransport } from "../../src/client/connect-transport.ts";
import type { CallOptions } from "../../src/client/control-plane.ts";
import { resolveOptions } from "../../src/client/options.ts";
import { toAskedRun } from "../../src/client/read-run.ts";
import { ClusterRouter } from "../../src/client/select-cluster.ts";
import type { Session } from "../../src/client/session.ts";
import { tailLogs } from "../../src/client/tail-logs.ts";
import { watchRun } from "../../src/client/watch-run.ts";
import { ClusterService } from "../../src/idl/clusters.ts";
import { DataProxyService } from "../../src/idl/data-proxy.ts";
import { RunService } from "../../src/idl/runs.ts";
import { startStub, stubRun } from "../support/scripted-control-plane.ts";

function openSession(endpoint: string): Session {
  const options = resolveOptions({ endpoint, project: "p", domain: "d", retries: 0 });
  const { tls, authenticator, maxResponseBytes, maxConnections } = options;
  const open = (baseUrl: string): Channel => {
    const transport = createConnectTransport({ baseUrl, tls, maxResponseBytes, maxConnections });
    return new Channel({ transport, authenticator, retries: 0 });
  };
  const channel = open(endpoint);
  onTestFinished(() => channel.close());
  const router = { endpoint: options.endpoint, allowPlaintext: false, channel, open };
  return { options, channel, clusters: new ClusterRouter(router) };
}

/** What one subscription tells: phases, and maybe a failure or silence at its end. */
type Script = readonly (number | Code | "silence")[];

async function openWatched(scripts: readonly Script[]) {
  let subscriptions = 0;
  const ended: number[] = [];
  const stub = await startStub((router) => {
    router.service(RunService, {
      async *watchActionDetails(_request, { signal }) {
        const number = subscriptions++;
        try {
          for (const step of scripts[Math.min(number, scripts.length - 1)] ?? []) {
            if (step === "silence") {
              await new Promise((resolve) => signal.addEventListener("abort", resolve));
            } else if (step >= 100) throw new ConnectError("no", step - 100);
            else yield { details: stubRun("r", step).action ?? {} };
          }
        } finally {
          ended.push(number);
        }
      },
    });
  });
  const session = openSession(stub.url);
  const watch = (options: CallOptions = {}) =>
    watchRun(session, toAskedRun(session, { name: "r" }), startLongCall(options));
  return { watch, stub, ended };
}

/** Failure steps stand above 100 so that they are no phases. */
const fails = (code: Code): number => 100 + code;

async function phases(statuses: AsyncIterable<{ phase: string }>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { phase } of statuses) seen.push(phase);
  return seen;
}

test("a watch tells each change once and ends with the run", async () => {
  const { watch, stub } = await openWatched([[1, 1, 4, 4, 5, "silence"]]);
  expect(await phases(watch())).toEqual(["queued", "running", "succeeded"]);
  expect(stub.calls).toHaveLength(1);
});

test("a watch that breaks off is taken up again where it was", async () => {
  const { watch, stub } = await openWatched([[1], [1, 4, fails(Code.Unavailable)], [4, 6]]);
  expect(await phases(watch())).toEqual(["queued", "running", "failed"]);
  expect(stub.calls).toHaveLength(3);
});

test("a watch of a run that does not exist fails at once", async () => {
  const { watch, stub } = await openWatched([[fails(Code.NotFound)]]);
  await expect(phases(watch())).rejects.toMatchObject({ code: "not_found" });
  expect(stub.calls).toHaveLength(1);
});

test("leaving the loop ends the request", async () => {
  const { watch, stub, ended } = await openWatched([[4, "silence"]]);
  for await (const status of watch()) {
    expect(status.phase).toBe("running");
    break;
  }
  await expect.poll(() => ended).toEqual([0]);
  expect(stub.calls).toHaveLength(1);
});

test("a signal ends a silent watch", async () => {
  const { watch, ended } = await openWatched([[4, "silence"]]);
  const controller = new AbortController();
  const seen: string[] = [];
  const loop = async (): Promise<void> => {
    for await (const { phase } of watch({ signal: controller.signal })) {
      seen.push(phase);
      controller.abort();
    }
  };
  await expect(loop()).rejects.toMatchObject({ code: "canceled" });
  expect(seen).toEqual(["running"]);
  await expect.poll(() => ended).toEqual([0]);
});

test("a watch whose time ends between two tries tells why the last one failed", async () => {
  // The first try takes no time at all, and the pause after it more than there is.
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const { watch } = await openWatched([[fails(Code.Unavailable)]]);
  const watched = phases(watch({ timeoutMs: 200 }));
  await expect(watched).rejects.toMatchObject({
    code: "deadline_exceeded",
    message: expect.stringContaining("The last try failed"),
  });
});

test("a watch keeps the credential of the place where it was begun", async () => {
  const { watch, stub } = await openWatched([[1], [5]]);
  const statuses = authMetadata([["authorization", "Bearer ann"]], () => watch());
  await phases(statuses);
  expect(stub.calls.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer ann",
    "Bearer ann",
  ]);
});

async function openLogged(tail: (tries: number) => string[] | Code, phase = 5) {
  let tries = 0;
  const stub = await startStub((router) => {
    router.service(RunService, { getRunDetails: () => ({ details: stubRun("r", phase) }) });
    router.service(ClusterService, { selectCluster: () => ({}) });
    router.service(DataProxyService, {
      async *tailLogs({ attempt }) {
        const lines = tail(++tries);
        if (typeof lines === "number") throw new ConnectError("no", lines);
        for (const message of lines)
          yield { logs: [{ lines: [{ message: `${attempt} ${message}` }] }] };
      },
    });
  });
  const session = openSession(stub.url);
  const read = async (): Promise<string[]> => {
    const messages: string[] = [];
    const asked = toAskedRun(session, { name: "r" });
    for await (const { message } of tailLogs(session, { asked }, startLongCall({}))) {
      messages.push(message);
    }
    return messages;
  };
  return { read, tries: () => tries };
}

test("log lines come in order, of the last attempt", async () => {
  const { read } = await openLogged(() => ["one", "two"]);
  expect(await read()).toEqual(["1 one", "1 two"]);
});

test("a log that is not there yet is asked for again", async () => {
  const { read } = await openLogged((tries) => (tries === 1 ? Code.NotFound : ["late"]), 4);
  expect(await read()).toEqual(["1 late"]);
});

test("a run that ended without a log has no lines", async () => {
  const { read, tries } = await openLogged(() => Code.NotFound);
  expect(await read()).toEqual([]);
  expect(tries()).toBe(2);
});

test("a log that may not be read is an error", async () => {
  const { read } = await openLogged(() => Code.PermissionDenied);
  await expect(read()).rejects.toMatchObject({ code: "permission_denied" });
});
