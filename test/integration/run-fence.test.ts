import { afterAll, beforeAll, expect, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { ServerProcess } from "../support/dev-process.ts";

const dev = ["dev", "--state", "memory", "--port", "0", "--devbox-port", "0"];
const allowlist = ["--task-allowlist", "flytesnacks/stats.describe", "--run-scope"];

/** In front of one devbox: a webhook that starts every task, and two that know one task only. */
let open: ServerProcess;
let fenced: Readonly<Record<string, ServerProcess>>;

beforeAll(async () => {
  open = await ServerProcess.start(dev);
  const serve = ["serve", "--port", "0", "--endpoint", open.ready.controlPlane];
  const place = ["--project", "flytesnacks", "--domain", "development"];
  const [webhook, task] = await Promise.all(
    ["webhook", "task"].map((scope) =>
      ServerProcess.start([...serve, ...place, ...allowlist, scope]),
    ),
  );
  if (webhook === undefined || task === undefined) throw new Error("not started");
  fenced = { webhook, task };
});

afterAll(async () => {
  const servers = [...Object.values(fenced ?? {}), open];
  await Promise.all(servers.map((server) => server?.[Symbol.asyncDispose]()));
});

async function send(
  url: string,
  init: { readonly method?: string; readonly body?: string } = {},
): Promise<{ status: number; text: string; headers: string }> {
  const answer = await fetch(url, {
    ...init,
    headers: {
      authorization: `Bearer ${open.ready.keys["alice"]}`,
      "x-request-id": "same",
      ...(init.body !== undefined && { "content-type": "application/json" }),
    },
  });
  const headers = JSON.stringify([...answer.headers].filter(([name]) => name !== "date"));
  return { status: answer.status, text: await answer.text(), headers };
}

const queries = [
  "",
  "?domain=development",
  "?project=flytesnacks",
  "?project=flytesnacks&domain=development",
  "?domain=production",
  "?project=absent",
];

for (const scope of ["webhook", "task"]) {
  test(`in the scope of the ${scope}, a run outside the allowlist answers like an absent one`, async () => {
    const server = fenced[scope];
    const started = await send(
      `${open.ready.webhook}/run-task/development/flytesnacks/slow.count`,
      { method: "POST", body: "{}" },
    );
    expect(started.status, started.text).toBe(200);
    const foreign: string = JSON.parse(started.text).name;
    const absent = "r0000000000000000000";
    for (const query of queries) {
      for (const [method, suffix] of [
        ["GET", ""],
        ["GET", "/io"],
        ["POST", "/abort"],
      ] as const) {
        const [one, other] = await Promise.all(
          [foreign, absent].map((name) =>
            send(`${server?.ready.webhook}/run/${name}${suffix}${query}`, { method }),
          ),
        );
        expect(one?.status, `${suffix}${query}`).toBe(404);
        expect(one?.text.replaceAll(foreign, absent)).toBe(other?.text);
        expect(one?.headers).toBe(other?.headers);
      }
    }
    const after = await send(`${open.ready.webhook}/run/${foreign}`);
    expect(JSON.parse(after.text).phase).not.toBe("aborted");
    await send(`${open.ready.webhook}/run/${foreign}/abort`, { method: "POST" });

    const own = await send(
      `${server?.ready.webhook}/run-task/development/flytesnacks/stats.describe`,
      { method: "POST", body: '{"values":[1]}' },
    );
    const { name } = JSON.parse(own.text);
    expect((await send(`${server?.ready.webhook}/run/${name}`)).status).toBe(200);
    expect((await send(`${server?.ready.webhook}/run/${name}/io`)).status).toBe(200);
  });
}

test("through the prefetch endpoints, a run of another task answers like an absent one", async () => {
  const controlPlane = createControlPlane({
    endpoint: open.ready.controlPlane,
    project: "flytesnacks",
    domain: "development",
  });
  const webhook = createWebhook({
    name: "prefetching",
    controlPlane,
    endpointGroups: ["prefetch"],
    prefetchTask: { name: "stats.describe" },
  });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  try {
    const start = async (task: string, body: string): Promise<string> => {
      const path = `${open.ready.webhook}/run-task/development/flytesnacks/${task}`;
      return JSON.parse((await send(path, { method: "POST", body })).text).name;
    };
    const foreign = await start("slow.count", "{}");
    const absent = "r0000000000000000000";
    for (const query of queries) {
      for (const [method, suffix] of [
        ["GET", ""],
        ["GET", "/io"],
        ["POST", "/abort"],
      ] as const) {
        const [one, other] = await Promise.all(
          [foreign, absent].map((name) =>
            send(`${url}/prefetch/hf-model/${name}${suffix}${query}`, { method }),
          ),
        );
        expect(one?.status, `${suffix}${query}`).toBe(404);
        expect(one?.text.replaceAll(foreign, absent)).toBe(other?.text);
        expect(one?.headers).toBe(other?.headers);
      }
    }
    const after = await send(`${open.ready.webhook}/run/${foreign}`);
    expect(JSON.parse(after.text).phase).not.toBe("aborted");
    await send(`${open.ready.webhook}/run/${foreign}/abort`, { method: "POST" });

    const own = await start("stats.describe", '{"values":[1]}');
    const io = await send(`${url}/prefetch/hf-model/${own}/io`);
    expect(io.status).toBe(200);
    expect(JSON.parse(io.text)).toMatchObject({ name: own, inputs: { values: [1] } });
  } finally {
    await webhook.close();
    await controlPlane.close();
  }
});
