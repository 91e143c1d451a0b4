import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import type { AppLogLine, AppLogsOptions } from "../../src/client/app-calls.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { AppLogsService } from "../../src/idl/app-logs.ts";
import { AppService } from "../../src/idl/apps.ts";
import { stubApp } from "../support/app-control-plane.ts";
import { startStub } from "../support/scripted-control-plane.ts";

/** What one stream tells: lines, then its end, a failure, or nothing more. */
type Stream = readonly (Line | Code | "silence")[];
type Line = readonly [replica: string, ms: number, message: string];

/** A control plane whose log streams follow a script, the last of it again and again. */
async function startLogs(streams: readonly Stream[], app = true) {
  const targets: unknown[] = [];
  const stub = await startStub((router) => {
    router.service(AppService, {
      get() {
        if (app) return { app: stubApp({ phase: "ACTIVE" }) };
        throw new ConnectError("no such app", Code.NotFound);
      },
    });
    router.service(AppLogsService, {
      async *tailLogs({ target }, { signal }) {
        targets.push(target);
        const steps = streams[Math.min(targets.length, streams.length) - 1] ?? [];
        yield { resp: { case: "replicas", value: { replicas: [{ name: "a" }] } } };
        for (const step of steps) {
          if (step === "silence") {
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
          } else if (typeof step === "number") throw new ConnectError("no", step);
          else yield toAnswer(step);
        }
      },
    });
  });
  const flyte = createControlPlane({ endpoint: stub.url, project: "p", domain: "d" });
  onTestFinished(() => flyte.close());
  return { flyte, targets, stub };
}

function toAnswer([name, ms, message]: Line) {
  const structuredLines = [{ timestamp: timestampFromMs(ms), message }];
  return {
    resp: {
      case: "batches" as const,
      value: { logs: [{ replicaId: { name }, structuredLines, lines: [message] }] },
    },
  };
}

const one: Line = ["a", 1, "one"];
const two: Line = ["b", 1, "two"];
const twin: Line = ["b", 1, "two"];
const three: Line = ["a", 2, "three"];

async function read(
  { flyte }: Awaited<ReturnType<typeof startLogs>>,
  options: AppLogsOptions = {},
): Promise<readonly AppLogLine[]> {
  return collect(flyte.apps.logs({ name: "site" }, options));
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("lines tell their time and their replica; without following they end", async () => {
  const plane = await startLogs([[one, two, "silence"]]);
  expect(await read(plane, { follow: false })).toEqual([
    { message: "one", time: new Date(1), replica: "a" },
    { message: "two", time: new Date(1), replica: "b" },
  ]);
  expect(plane.targets).toMatchObject([
    { case: "appId", value: { project: "p", domain: "d", name: "site" } },
  ]);
});

test("one replica can be asked for", async () => {
  const plane = await startLogs([[one]]);
  expect(await read(plane, { follow: false, replica: "a" })).toHaveLength(1);
  expect(plane.targets).toMatchObject([
    { case: "replicaId", value: { name: "a", appId: { name: "site" } } },
  ]);
});

test("a stream that ends or breaks is opened again, and tells no line twice", async () => {
  const plane = await startLogs([
    [one, two],
    [one, two, twin, Code.Unavailable],
    [one, two, twin, three, "silence"],
  ]);
  const told: string[] = [];
  for await (const { message } of plane.flyte.apps.logs({ name: "site" })) {
    told.push(message);
    if (message === "three") break;
  }
  expect(told).toEqual(["one", "two", "two", "three"]);
});

test("an app that cannot write any more ends its log", async () => {
  const plane = await startLogs([[one]]);
  expect(await read(plane)).toHaveLength(1);
  expect(plane.targets).toHaveLength(4);
});

test("a log that is not there is that of an app without replicas, or of none", async () => {
  const there = await startLogs([[Code.NotFound]]);
  expect(await read(there)).toEqual([]);
  const gone = await startLogs([[Code.NotFound]], false);
  await expect(read(gone)).rejects.toMatchObject({ code: "not_found", message: "no such app" });
  const deleted = await startLogs([[one], [Code.NotFound]], false);
  expect(await read(deleted)).toHaveLength(1);
});

test("what does not pass is told", async () => {
  const denied = await startLogs([[one, Code.PermissionDenied]]);
  await expect(read(denied)).rejects.toMatchObject({ code: "permission_denied" });
  const unimplemented = await startLogs([[Code.Unimplemented]]);
  await expect(read(unimplemented)).rejects.toMatchObject({ code: "unimplemented" });
});

test("the signal ends it", async () => {
  const plane = await startLogs([[one, "silence"]]);
  const stop = new AbortController();
  const lines = plane.flyte.apps.logs({ name: "site" }, { signal: stop.signal });
  await expect(
    (async () => {
      for await (const _ of lines) stop.abort();
    })(),
  ).rejects.toMatchObject({ code: "canceled" });
});
