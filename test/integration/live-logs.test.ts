import { once } from "node:events";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createCaller } from "../support/http.ts";
import type { ReadEvent } from "../support/live-reader.ts";
import { type LiveWebhook, LiveWebhooks } from "../support/live-webhook.ts";

let all: LiveWebhooks;
let ours: LiveWebhook;
let upstream: LiveWebhook;

beforeAll(async () => {
  all = await LiveWebhooks.start();
  [ours, upstream] = await Promise.all([all.webhook(), all.webhook({ compat: "upstream" })]);
});

afterAll(() => all?.[Symbol.asyncDispose]());

const sse = { accept: "text/event-stream" };
const idsOf = (events: readonly ReadEvent[]) => events.map(({ id, event }) => id ?? event);
const linesOf = (events: readonly ReadEvent[]) =>
  events.filter(({ event }) => event === "line").map(({ data }) => data.message);

test("curl gets the lines as text, as they are written, until the run has ended", async () => {
  const run = await all.run("echo one; gate go; echo two; printf 'a\\033[1mb\\n'");
  const readers = await Promise.all(
    [ours, upstream].map((webhook) => webhook.read(`/run/${run.name}/logs`, { accept: "*/*" })),
  );
  const texts = readers.map(({ response }) => {
    const first = once(response.setEncoding("utf8"), "data");
    const parts: string[] = [];
    response.on("data", (part) => parts.push(part));
    return { first, whole: once(response, "end").then(() => parts.join("")) };
  });
  for (const { first } of texts) expect(await first).toEqual(["one\n"]);
  await run.open("go");
  for (const { whole } of texts) expect(await whole).toBe("one\ntwo\na\u001b[1mb\n");
  for (const { headers } of readers) {
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
  }
});

test("as events each line has its place, and the end tells the state of the run", async () => {
  const run = await all.run(
    "echo one; printf 'tab\\there\\033[0m\\n'; echo; echo '日本 é'; exit 3",
  );
  await run.ended();
  const time = expect.stringMatching(/^20\d\d-.*Z$/);
  for (const accept of ["text/event-stream", "application/x-ndjson"]) {
    const reader = await ours.read(`/run/${run.name}/logs`, { accept });
    expect(reader.headers["content-type"]).toBe(accept);
    const messages = ["one", "tab\there\u001b[0m", "", "日本 é"];
    expect(await reader.all()).toEqual([
      ...messages.map((message, index) => ({
        event: "line",
        id: `1.${index + 1}`,
        data: { message, time, attempt: 1 },
      })),
      {
        event: "end",
        id: "end",
        data: {
          ...{ name: run.name, attempt: 1, lines: 4, phase: "failed", done: true },
          error: expect.stringContaining("3"),
        },
      },
    ]);
  }
});

test("whoever comes back goes on right after the line they have, and not after the end", async () => {
  const run = await all.run("seq 1 30");
  await run.ended();
  const path = `/run/${run.name}/logs`;
  const whole = await (await ours.read(path, sse)).all();
  expect(linesOf(whole)).toEqual(Array.from({ length: 30 }, (_, index) => String(index + 1)));
  for (const [index, { id = "" }] of whole.slice(0, -1).entries()) {
    const rest = await (await ours.read(path, { ...sse, lastEventId: id })).all();
    expect(rest).toEqual(whole.slice(index + 1));
  }
  const over = await ours.read(path, { ...sse, lastEventId: "end" });
  expect([over.status, await over.text()]).toEqual([204, ""]);
  for (const lastEventId of ["2.1", "1.31", "1.0", "01.1", "1.1.1", "x", "1.99999999999999999"]) {
    const events = await (await ours.read(path, { ...sse, lastEventId })).all();
    expect(idsOf(events)).toEqual(["restart", ...idsOf(whole)]);
  }
});

test("the log goes on with the next attempt, or is of the one that is asked for", async () => {
  const script = 'echo "in $FLYTE_ATTEMPT_NUMBER"; gate "g$FLYTE_ATTEMPT_NUMBER"; exit 3';
  const run = await all.run(script, { retries: 1 });
  const path = `/run/${run.name}/logs`;
  const reader = await ours.read(path, sse);
  const first = await reader.until(({ event }) => event === "line");
  const second = await ours.read(`${path}?attempt=2`, sse);
  const alone = await ours.read(`${path}?attempt=1`, sse);
  await alone.next();
  await run.open("g0");
  const next = await reader.until(({ event }) => event === "line");
  expect(linesOf([...first, ...next])).toEqual(["in 0", "in 1"]);
  expect(idsOf([...first, ...next])).toEqual(["1.1", "2.1"]);
  expect(await alone.all()).toMatchObject([{ event: "end", data: { attempt: 1, done: false } }]);
  await run.open("g1");
  expect(idsOf(await reader.all())).toEqual(["end"]);
  expect(idsOf(await second.all())).toEqual(["2.1", "end"]);
  const before = await ours.read(path, { ...sse, lastEventId: "1.1" });
  expect(idsOf(await before.all())).toEqual(["2.1", "end"]);
  expect(await (await ours.read(`${path}?attempt=1`)).text()).toBe("in 0\n");
  const absent = await ours.read(`${path}?attempt=3`, sse);
  expect(absent.status).toBe(404);
  expect(JSON.parse(await absent.text()).detail).toBe(
    `Run ${run.name} has no attempt 3: the last is 2`,
  );
});

test("without following there is what is written so far, and the rest for who comes back", async () => {
  const run = await all.run("echo one; gate go; echo two");
  const following = await ours.read(`/run/${run.name}/logs`, sse);
  await following.next();
  const path = `/run/${run.name}/logs?follow=false`;
  const text = await ours.read(path);
  expect(await text.text()).toBe("one\n");
  const events = await (await ours.read(path, sse)).all();
  expect(idsOf(events)).toEqual(["1.1", "end"]);
  expect(events[1]).toMatchObject({ id: undefined, data: { done: false, lines: 1 } });
  await run.open("go");
  await run.ended();
  const rest = await ours.read(path, { ...sse, lastEventId: "1.1" });
  expect(await rest.all()).toMatchObject([
    { id: "1.2", data: { message: "two" } },
    { id: "end", data: { done: true } },
  ]);
});

test("a run that has not begun is waited for, and one that wrote nothing has no lines", async () => {
  const run = await all.run("exit 0");
  await run.ended();
  expect(await (await ours.read(`/run/${run.name}/logs`)).text()).toBe("");
});

test("what is no attempt, no switch and no form is refused", async () => {
  const caller = createCaller(ours.url, all.key);
  for (const [query, path] of [
    ["attempt=0", "query.attempt"],
    ["attempt=-1", "query.attempt"],
    ["attempt=x", "query.attempt"],
    ["follow=maybe", "query.follow"],
    ["format=xml", "query.format"],
  ]) {
    const answer = await caller.get(`/run/any/logs?${query}`);
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request" } });
    expect(answer.body.errors).toMatchObject([{ path }]);
  }
});

test("a key that is revoked ends its stream with an error, half a minute later at most", async () => {
  const run = await all.run("echo one; gate never");
  const viewer = await all.viewer("leaving");
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const reader = await ours.read(`/run/${run.name}/logs`, { ...sse, key: viewer.key });
    await reader.next();
    await viewer.revoke();
    const rest = reader.all();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await rest).toMatchObject([{ event: "error", data: { code: "unauthenticated" } }]);
  } finally {
    vi.useRealTimers();
  }
  await createCaller(ours.url, all.key).post(`/run/${run.name}/abort`);
});
