import { timestampMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import type { TailAppLogsResponse } from "../../src/idl/app-logs.ts";
import { LogLineOriginator } from "../../src/idl/logs.ts";
import {
  type AppsClient,
  appId,
  appNamed,
  connectApps,
  servingApp,
} from "../support/devbox-apps.ts";
import { codeOf } from "../support/devbox-client.ts";

let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
});

afterAll(() => devbox?.close());

const alice = () => connectApps(devbox, "alice");
const deadline = { timeout: 20_000 };

type Request = Parameters<AppsClient["logs"]["tailLogs"]>[0];
type Target = Exclude<Request, { readonly $typeName: string }>["target"] & {};

interface Tail {
  /** Lists of replica names, each as it came. */
  readonly replicas: string[][];
  readonly lines: { readonly replica: string; readonly message: string }[];
  readonly kinds: (string | undefined)[];
  readonly messages: TailAppLogsResponse[];
  /** How the stream ended, by the name of its code. */
  readonly ended: Promise<string>;
}

function tail(target: Target, box = devbox): Tail {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const { signal } = leaving;
  const stream = connectApps(box, "alice").logs.tailLogs({ target }, { signal });
  const told: Omit<Tail, "ended"> = { replicas: [], lines: [], kinds: [], messages: [] };
  const read = async () => {
    for await (const message of stream) {
      const { resp } = message;
      told.messages.push(message);
      told.kinds.push(resp.case);
      if (resp.case === "replicas") told.replicas.push(resp.value.replicas.map(({ name }) => name));
      if (resp.case !== "batches") continue;
      for (const { replicaId, structuredLines } of resp.value.logs) {
        for (const { message } of structuredLines) {
          told.lines.push({ replica: replicaId?.name ?? "", message });
        }
      }
    }
  };
  return { ...told, ended: codeOf(read()) };
}

const of = (name: string) => ({ case: "appId", value: appId(name) }) as const;

function replicaOf(app: string, name: string): Target {
  return { case: "replicaId", value: { appId: appId(app), name } };
}

test("the replicas come first, then what they have written and what they write", async () => {
  await alice().apps.create({ app: appNamed("chatty", servingApp("one", "two")) });
  const before = Date.now() - 60_000;
  const log = tail(of("chatty"));
  await expect
    .poll(() => log.lines.map(({ message }) => message), deadline)
    .toEqual(["one", "two"]);
  const name = log.replicas.at(-1)?.[0] ?? "";
  expect(log.kinds[0]).toBe("replicas");
  expect(log.lines.every(({ replica }) => replica === name)).toBe(true);
  const batches = log.messages.flatMap(({ resp }) =>
    resp.case === "batches" ? resp.value.logs : [],
  );
  for (const { lines, structuredLines, replicaId } of batches) {
    expect(replicaId?.appId).toMatchObject(appId("chatty"));
    expect(lines).toEqual(structuredLines.map(({ message }) => message));
    for (const { originator, timestamp } of structuredLines) {
      expect(originator).toBe(LogLineOriginator.USER);
      expect(timestamp && timestampMs(timestamp)).toBeGreaterThan(before);
    }
  }
  const again = tail(replicaOf("chatty", name));
  await expect.poll(() => again.lines, deadline).toEqual(log.lines);
  expect(again.replicas).toEqual([[name]]);
});

test("a replica that starts later is announced, with or without lines", async () => {
  await alice().apps.create({ app: appNamed("growing", servingApp("first")) });
  const log = tail(of("growing"));
  await expect.poll(() => log.lines, deadline).toHaveLength(1);
  const only = log.replicas.at(-1)?.[0] ?? "";
  const alone = tail({
    case: "replicaId",
    value: { appId: appId("growing"), name: only },
  });
  const quiet = { ...servingApp(), env: { REVISION: "2" } };
  await alice().apps.create({ app: appNamed("growing", quiet) });
  await expect.poll(() => log.replicas.at(-1), deadline).toHaveLength(2);
  await alice().apps.create({ app: appNamed("growing", servingApp("third")) });
  await expect
    .poll(() => log.lines.map(({ message }) => message), deadline)
    .toEqual(["first", "third"]);
  expect(log.replicas.at(-1)).toHaveLength(3);
  await expect.poll(() => alone.lines, deadline).toEqual([{ replica: only, message: "first" }]);
  expect(alone.replicas).toEqual([[only]]);
});

test("many lines come in their order, in messages of a bounded size", async () => {
  const script =
    'for (let i = 0; i < 3000; i++) console.log("line " + i); require("node:http").createServer().listen(process.env.PORT)';
  const app = appNamed("long", { ...servingApp(), command: [process.execPath, "-e", script] });
  await alice().apps.create({ app });
  const log = tail(of("long"));
  await expect.poll(() => log.lines.length, deadline).toBe(3000);
  expect(log.lines.map(({ message }) => message)).toEqual(
    Array.from({ length: 3000 }, (_, index) => `line ${index}`),
  );
  const sizes = log.messages.map(({ resp }) =>
    resp.case === "batches" ? resp.value.logs.flatMap((each) => each.lines).length : 0,
  );
  expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
});

test("a stopped app has no replica; its tail waits and ends with the app", async () => {
  await alice().apps.create({ app: appNamed("silent") });
  const log = tail(of("silent"));
  await expect.poll(() => log.replicas, deadline).toEqual([[]]);
  await alice().apps.create({ app: appNamed("silent", servingApp("awake")) });
  await expect.poll(() => log.lines.map(({ message }) => message), deadline).toEqual(["awake"]);
  expect(log.kinds.slice(0, 2)).toEqual(["replicas", "replicas"]);
  await alice().apps.delete({ appId: appId("silent") });
  expect(await log.ended).toBe("none");
});

test("what is not there is not found", async () => {
  await alice().apps.create({ app: appNamed("empty") });
  expect(await tail(of("absent")).ended).toBe("NotFound");
  expect(await tail(replicaOf("empty", "empty-1")).ended).toBe("NotFound");
  expect(await tail(replicaOf("absent", "absent-1")).ended).toBe("NotFound");
  expect(await tail(replicaOf("empty", "")).ended).toBe("InvalidArgument");
  expect(await tail(replicaOf("empty", "x\0")).ended).toBe("InvalidArgument");
  expect(await tail({ case: "replicaId", value: { name: "x" } }).ended).toBe("InvalidArgument");
  expect(await tail({ case: undefined }).ended).toBe("InvalidArgument");
});

test("closing the devbox ends every tail", async () => {
  const box = await startDevbox({ state: "memory", port: 0 });
  await connectApps(box, "alice").apps.create({ app: appNamed("tailed") });
  const log = tail(of("tailed"), box);
  await expect.poll(() => log.replicas, deadline).toHaveLength(1);
  await box.close();
  expect(await log.ended).toBe("Unavailable");
});
