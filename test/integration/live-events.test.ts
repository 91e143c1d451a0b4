import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createCaller } from "../support/http.ts";
import type { ReadEvent } from "../support/live-reader.ts";
import { type LiveWebhook, LiveWebhooks } from "../support/live-webhook.ts";

let all: LiveWebhooks;
let ours: LiveWebhook;
let upstream: LiveWebhook;
let fenced: LiveWebhook;

beforeAll(async () => {
  all = await LiveWebhooks.start();
  [ours, upstream, fenced] = await Promise.all([
    all.webhook(),
    all.webhook({ compat: "upstream" }),
    all.webhook({ taskAllowlist: ["other"] }),
  ]);
});

afterAll(() => all?.[Symbol.asyncDispose]());

const idsOf = (events: readonly ReadEvent[]) => events.map(({ id, event }) => id ?? event);

/** Fails once, then succeeds; each attempt waits at its gate. */
const twice = 'gate "g$FLYTE_ATTEMPT_NUMBER"; [ "$FLYTE_ATTEMPT_NUMBER" = 1 ] || exit 3';

async function startTwice() {
  return all.run(twice, { retries: 1 });
}

test("the phases of all attempts come as they are entered, and last the end", async () => {
  const run = await startTwice();
  const reader = await ours.read(`/run/${run.name}/events`);
  expect(reader.status).toBe(200);
  expect(reader.headers).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  expect(reader.headers["content-encoding"]).toBeUndefined();
  const first = await reader.until(({ id }) => id === "1.running");
  await run.open("g0");
  const second = await reader.until(({ id }) => id === "2.running");
  await run.open("g1");
  const events = [...first, ...second, ...(await reader.all())];
  expect(idsOf(events)).toEqual([
    ...["1.queued", "1.initializing", "1.running", "1.failed"],
    ...["2.initializing", "2.running", "2.succeeded", "end"],
  ]);
  expect(reader.parser.retry).toBeGreaterThanOrEqual(2_000);
  const url = expect.stringContaining(`/runs/${run.name}`);
  const time = expect.stringMatching(/^20\d\d-.*Z$/);
  const { name } = run;
  const common = { name, url, time };
  const of = (id: string) => events.find((event) => event.id === id);
  expect(of("1.running")).toEqual({
    event: "phase",
    id: "1.running",
    data: { ...common, phase: "running", attempt: 1, done: false },
  });
  expect(of("1.failed")?.data).toEqual({
    ...{ ...common, phase: "failed", attempt: 1, done: false },
    error: expect.stringContaining("3"),
  });
  expect(of("end")).toEqual({
    event: "end",
    id: "end",
    data: { ...common, phase: "succeeded", attempt: 2, done: true },
  });
});

test("whoever comes back goes on right after what they have, and not after the end", async () => {
  const run = await startTwice();
  await Promise.all([run.open("g0"), run.open("g1")]);
  await run.ended();
  const path = `/run/${run.name}/events`;
  for (const accept of ["text/event-stream", "application/x-ndjson"]) {
    for (const webhook of [ours, upstream]) {
      const whole = await (await webhook.read(path, { accept })).all();
      expect(whole.length).toBeGreaterThan(5);
      for (const [index, { id = "" }] of whole.slice(0, -1).entries()) {
        const rest = await (await webhook.read(path, { accept, lastEventId: id })).all();
        expect(rest).toEqual(whole.slice(index + 1));
      }
      const over = await webhook.read(path, { accept, lastEventId: "end" });
      expect([over.status, await over.text()]).toEqual([204, ""]);
    }
  }
});

test("a place that is none begins at the start and says so, whatever it is", async () => {
  const run = await all.run("exit 0");
  await run.ended();
  const path = `/run/${run.name}/events`;
  const whole = await (await ours.read(path)).all();
  for (const lastEventId of [
    ...["1", "1.", "9.running", "1.RUNNING", "../..", "-1", "x".repeat(9_000), '"', "1.running "],
    ...["é".repeat(20), "end ?", "0", "1.running\t1"],
  ]) {
    const events = await (await ours.read(path, { lastEventId })).all();
    if (lastEventId.trim() === "1.running") continue; // space around a value is not part of it
    expect(events[0]).toMatchObject({ event: "restart", id: undefined });
    expect(events.slice(1)).toEqual(whole);
  }
  expect(await (await ours.read(path, { lastEventId: "" })).all()).toEqual(whole);
});

test("as lines of JSON it is the same, by the header and by the query", async () => {
  const run = await all.run("exit 0");
  await run.ended();
  const path = `/run/${run.name}/events`;
  const whole = await (await ours.read(path)).all();
  const byHeader = await ours.read(path, { accept: "application/x-ndjson" });
  expect(byHeader.headers["content-type"]).toBe("application/x-ndjson");
  expect(await byHeader.all()).toEqual(whole);
  const byQuery = await ours.read(`${path}?format=ndjson`, { accept: "text/event-stream" });
  expect(await byQuery.all()).toEqual(whole);
});

test("what is asked for in a form there is not is 406, and a form of no name 422", async () => {
  const json = await ours.read("/run/any/events", { accept: "application/json" });
  expect(json.status).toBe(406);
  expect(JSON.parse(await json.text())).toMatchObject({
    code: "not_acceptable",
    detail: expect.stringContaining("text/event-stream, application/x-ndjson"),
  });
  const text = await ours.read("/run/any/events?format=text");
  expect(text.status).toBe(422);
  expect(JSON.parse(await text.text()).errors).toMatchObject([{ path: "query.format" }]);
});

test("an absent run and a hidden one answer alike, before any stream", async () => {
  const run = await all.run("exit 0");
  await run.ended();
  for (const what of ["events", "logs"]) {
    const asked = await Promise.all(
      [run.name, "r".repeat(run.name.length)].map(async (name) => {
        const reader = await fenced.read(`/run/${name}/${what}`, { lastEventId: "end" });
        const document = JSON.parse((await reader.text()).replaceAll(name, "RUN"));
        const { "x-request-id": _id, date: _date, ...headers } = reader.headers;
        return { ...document, requestId: "", headers };
      }),
    );
    expect(asked[0]).toEqual(asked[1]);
    expect(asked[0]).toMatchObject({ status: 404, code: "not_found", detail: "Run RUN not found" });
  }
  const plain = await upstream.read("/run/r-absent/events");
  expect(plain.status).toBe(404);
  expect(JSON.parse(await plain.text())).toHaveProperty("detail");
});

test("an abort is told with the run's end", async () => {
  const run = await all.run("gate never");
  const reader = await ours.read(`/run/${run.name}/events`);
  await reader.until(({ id }) => id === "1.running");
  await createCaller(ours.url, all.key).post(`/run/${run.name}/abort`);
  expect(idsOf(await reader.all())).toEqual(["1.aborted", "end"]);
});

test("a key that is revoked ends its stream with an error, half a minute later at most", async () => {
  const run = await all.run("gate never");
  const viewer = await all.viewer("leaving");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
  try {
    const reader = await ours.read(`/run/${run.name}/events`, { key: viewer.key });
    await reader.until(({ id }) => id === "1.running");
    await viewer.revoke();
    await vi.advanceTimersByTimeAsync(30_000);
    const [last, ...more] = await reader.all();
    expect(more).toEqual([]);
    expect(last).toMatchObject({
      event: "error",
      data: { code: "unauthenticated", status: 401, requestId: expect.any(String) },
    });
    expect(last?.id).toBeUndefined();
    const back = await ours.read(`/run/${run.name}/events`, { key: viewer.key });
    expect(back.status).toBe(401);
  } finally {
    vi.useRealTimers();
  }
  await createCaller(ours.url, all.key).post(`/run/${run.name}/abort`);
});
