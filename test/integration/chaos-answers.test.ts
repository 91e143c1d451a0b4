import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { UserInfoResponseSchema } from "../../src/idl/auth.ts";
import { GetRunDetailsResponseSchema } from "../../src/idl/runs.ts";
import { ChaosWorld } from "../support/chaos/chaos-world.ts";
import { pass, printFault } from "../support/chaos/fault.ts";
import { GoodClient } from "../support/chaos/good-client.ts";
import { toBytes } from "../support/chaos/raw-answer.ts";
import { httpPeer, me, proto, rawPeer } from "../support/hostile-peer.ts";
import { stubRun } from "../support/scripted-control-plane.ts";

let devbox: Devbox;
let world: ChaosWorld;
beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  world = await ChaosWorld.before(devbox, 1);
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await devbox?.close();
});

function answerOf(subject: string): Buffer {
  const body = toBinary(UserInfoResponseSchema, create(UserInfoResponseSchema, { subject }));
  return toBytes({ status: 200, headers: proto, body: Buffer.from(body) });
}

test("a second answer to one call is not taken for that of the next", async () => {
  const transport = await rawPeer((socket, count) => {
    const bytes = answerOf(`caller ${count}`);
    socket.write(Buffer.concat([bytes, bytes]));
  });
  for (const count of [1, 2, 3]) {
    expect((await me(transport)).subject).toBe(`caller ${count}`);
  }
});

test("an answer that comes too late is not taken for that of the next call", async () => {
  const late: (() => void)[] = [];
  const patience = new AbortController();
  const transport = await rawPeer((socket, count) => {
    const send = () => void socket.write(answerOf(`caller ${count}`));
    if (count === 1) {
      late.push(send);
      patience.abort();
    } else {
      for (const earlier of late) earlier();
      send();
    }
  });
  await expect(me(transport, { signal: patience.signal })).rejects.toThrow();
  expect((await me(transport)).subject).toBe("caller 2");
});

test("what is told of another run is not told on", async () => {
  const details = stubRun("another", 5);
  const body = toBinary(
    GetRunDetailsResponseSchema,
    create(GetRunDetailsResponseSchema, { details }),
  );
  const { baseUrl } = await httpPeer((_request, response) => {
    response.writeHead(200, proto).end(body);
  });
  const flyte = createControlPlane({ endpoint: baseUrl, project: "p", domain: "d" });
  onTestFinished(() => flyte.close());
  expect((await flyte.runs.get({ name: "another" })).name).toBe("another");
  await expect(flyte.runs.get({ name: "mine" })).rejects.toMatchObject({ code: "internal" });
});

test.each([
  { kind: "reset after" },
  { kind: "reset in the middle" },
  { kind: "shortened" },
  { kind: "no message" },
  { kind: "wrong type" },
  { kind: "compressed" },
  { kind: "too long" },
  { kind: "asked twice" },
] as const)("a start whose answer is $kind is read back: it was started, once", async (fault) => {
  const client = new GoodClient(Object.values(world.keys));
  const before = (await world.runs()).length;
  world.proxy.fault = (method) => (method === "CreateRun" ? fault : pass);
  const request = {
    path: "/run-task/development/flytesnacks/chaos.echo",
    headers: {
      authorization: `Bearer ${world.keys["alice"]}`,
      "idempotency-key": printFault(fault).replaceAll(" ", "-"),
    },
    body: JSON.stringify({ who: "alice", n: 1 }),
  };
  const first = await client.patiently(() => world.webhooks[0]?.url ?? "", request);
  world.proxy.calm();
  const again = await client.once(world.webhooks[0]?.url ?? "", request);
  expect(first.at(-1)).toMatchObject({ status: 200, body: again.body });
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(client.faults).toEqual([]);
  expect((await world.runs()).length).toBe(before + 1);
});
