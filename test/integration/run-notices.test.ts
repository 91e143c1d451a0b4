import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Notice } from "../../src/webhook/callbacks/notice.ts";
import type { NoticeFormat } from "../../src/webhook/callbacks/notice-format.ts";
import { NoticeJournal } from "../../src/webhook/callbacks/notice-journal.ts";
import { NoticeSender } from "../../src/webhook/callbacks/notice-sender.ts";
import { RunEnds } from "../../src/webhook/callbacks/run-ends.ts";
import { RunNotices } from "../../src/webhook/callbacks/run-notices.ts";
import { slackFormat } from "../../src/webhook/callbacks/slack-format.ts";
import { connect, nameOf } from "../support/devbox-client.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { StartingWebhooks } from "../support/starting-webhooks.ts";

const place = { project: "flytesnacks", domain: "development" };
let all: StartingWebhooks;

beforeAll(async () => {
  all = await StartingWebhooks.start();
});
afterAll(() => all[Symbol.asyncDispose]());

interface Told {
  readonly status: number;
  readonly text: string;
}

/** Messages to somebody who answers with these statuses, one after the other. */
async function start(...statuses: readonly number[]) {
  const told: Told[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const status = statuses[told.length] ?? 200;
    told.push({ status, text: Buffer.concat(chunks).toString() });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const clock = new ManualClock();
  const { runs } = all.controlPlane;
  const ends = new RunEnds({ runs, auth: null, clock, logger: undefined, mostWatches: 0 });
  const format: NoticeFormat = { ...slackFormat(ends), mayTell: () => true };
  const journal = NoticeJournal.inMemory();
  const notices = new RunNotices({
    ...{ journal, clock, logger: undefined, most: 10 },
    sender: new NoticeSender({ isPrivateAllowed: () => true }, 5_000),
    formatOf: (to) => (to === "hook:slack" ? format : undefined),
  });
  onTestFinished(async () => {
    await notices.close();
    server.close();
  });
  const noticeOf = (name: string, given: Partial<Notice> = {}): Notice => ({
    ...{
      id: `msg_${name}`,
      to: "hook:slack",
      url: `http://127.0.0.1:${port}/`,
      since: clock.now(),
    },
    run: { ...place, name },
    ...given,
  });
  /** Lets time pass until a notice is over. */
  const over = async (): Promise<string | undefined> => {
    const endsOf = () => Object.entries(notices.counts.ends).find(([, value]) => value > 0)?.[0];
    while (endsOf() === undefined) {
      await Promise.race([clock.tick(), new Promise((resolve) => setImmediate(resolve))]);
    }
    return endsOf();
  };
  return { notices, journal, clock, told, noticeOf, over };
}

test("Slack is told how a run has ended, in words", async () => {
  const { notices, told, noticeOf, over } = await start(500, 429);
  const alice = connect(all.devbox, "alice");
  const task = await alice.deployScript("slack.fail", "echo 'a < b & c' >&2; exit 1");
  const run = await alice.start(task);
  await notices.keep(noticeOf(nameOf(run)));
  expect(await over()).toBe("delivered");
  expect(notices.counts.retries).toBe(2);
  expect(new Set(told.map(({ text }) => text)).size).toBe(1);
  const { text, ...rest } = JSON.parse(told[0]?.text ?? "{}");
  expect(rest).toEqual({ response_type: "ephemeral", replace_original: false });
  expect(text).toMatch(
    new RegExp(`^Run ${nameOf(run)} failed: http://\\S+\n.*a &lt; b &amp; c`, "s"),
  );
});

test("an address that Slack does not take any more is not tried again", async () => {
  const { notices, told, noticeOf, over } = await start(404);
  const alice = connect(all.devbox, "alice");
  const run = await alice.start(await alice.deployScript("slack.end", "true"));
  await notices.keep(noticeOf(nameOf(run)));
  expect(await over()).toBe("refused");
  expect(told).toHaveLength(1);
});

test("half an hour after a command nothing is sent any more", async () => {
  const { notices, told, noticeOf, clock, over } = await start();
  const alice = connect(all.devbox, "alice");
  const run = await alice.start(await alice.deployScript("slack.end", "true"));
  await notices.keep(noticeOf(nameOf(run), { since: clock.now() - 30 * 60_000 - 1 }));
  expect(await over()).toBe("expired");
  expect(told).toEqual([]);
});

test("a run that is not known any more is told of after ten minutes", async () => {
  const { notices, told, noticeOf, clock, over } = await start();
  const before = clock.now();
  await notices.keep(noticeOf("gone"));
  expect(await over()).toBe("delivered");
  expect(clock.now() - before).toBeGreaterThanOrEqual(10 * 60_000);
  expect(JSON.parse(told[0]?.text ?? "{}").text).toBe("Run gone is not known any more.");
});

test("a start whose outcome is not known is found out", async () => {
  const { notices, told, noticeOf, over } = await start();
  const notice = noticeOf("never-started");
  await notices.claim(notice, "named");
  notices.doubt(notice);
  expect(await over()).toBe("withdrawn");
  expect([told, notices.pending]).toEqual([[], 0]);
});

test("of two who start the same, one that fails takes nothing from the other", async () => {
  const { notices, noticeOf } = await start();
  const notice = noticeOf("shared");
  await notices.claim(notice, "claimed");
  await notices.claim(notice, "claimed");
  notices.withdraw(notice);
  expect(notices.pending).toBe(1);
  await notices.keep(notice);
  notices.withdraw(notice);
  expect(notices.pending).toBe(1);
});

test("what a crash left behind is told, unless it may be another's run", async () => {
  const { notices, journal, noticeOf } = await start();
  const keep = (name: string, start: "started" | "named" | "claimed", given = {}) =>
    journal.write({ op: "keep", notice: noticeOf(name, given), start });
  await keep("one", "started");
  await keep("two", "named");
  await keep("three", "claimed");
  await keep("four", "started", { to: "hook:removed" });
  notices.resume();
  expect([...journal.state.kept.keys()]).toEqual(["msg_one", "msg_two"]);
});
