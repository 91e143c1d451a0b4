import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { proto, answer as userInfo } from "../support/hostile-peer.ts";
import { type Answer, createCaller } from "../support/http.ts";
import { startTestWebhook } from "../support/webhook.ts";

/** A control plane that says who asked as soon as it is told to. */
class Hanging {
  readonly #held: ServerResponse[] = [];
  readonly #server = createServer((request, response) => {
    request.resume();
    this.seen += 1;
    this.most = Math.max(this.most, this.working + 1);
    this.#held.push(response);
    this.#server.emit("held");
  });
  seen = 0;
  most = 0;

  get working(): number {
    return this.#held.length;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    const sockets = new Set<Socket>();
    this.#server.on("connection", (socket: Socket) => sockets.add(socket));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      this.#server.close();
    });
  }

  /** Resolves when so many calls were made in all. */
  async until(seen: number): Promise<void> {
    while (this.seen < seen) await once(this.#server, "held");
  }

  /** Answers the call that was made first. */
  answerNext(): void {
    this.#held.shift()?.writeHead(200, proto).end(userInfo);
  }
}

interface Bounded {
  readonly url: string;
  readonly controlPlane: Hanging;
  /** Asks, and notes in which order answers come. */
  ask(key: string): Promise<Answer>;
  readonly answered: readonly string[];
  /** Resolves when so many wait. */
  untilWaiting(count: number): Promise<void>;
}

async function start(options: Partial<WebhookOptions>): Promise<Bounded> {
  const hanging = new Hanging();
  await hanging.listen();
  const controlPlane = createControlPlane({ endpoint: hanging.url, retries: 0 });
  const webhook = createWebhook({
    ...{ name: "bounded", controlPlane, endpoints: ["health", "me"] },
    ...options,
  });
  let arrived = 0;
  let tell: (() => void) | undefined;
  webhook.addHook("preHandler", (_request, _reply, done) => {
    arrived += 1;
    done();
    // The handler has run as far as it can at once.
    setImmediate(() => tell?.());
  });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    webhook.server.closeAllConnections();
    await webhook.close();
    await controlPlane.close();
  });
  const answered: string[] = [];
  return {
    url,
    controlPlane: hanging,
    answered,
    async ask(key) {
      const answer = await createCaller(url, key).get("/me");
      answered.push(key);
      return answer;
    },
    async untilWaiting(count) {
      while (arrived < count) await new Promise<void>((resolve) => (tell = resolve));
    },
  };
}

test("no more than so many work at once, the others in order, and everybody is answered", async () => {
  const webhook = await start({
    maxConcurrentRequests: 2,
    maxQueuedRequests: 10,
    queueTimeoutMs: 3_600_000,
  });
  const keys = ["a", "b", "c", "d", "e", "f"];
  const answers: Promise<Answer>[] = [];
  for (const [index, key] of keys.entries()) {
    answers.push(webhook.ask(key));
    await webhook.untilWaiting(index + 1);
  }
  const { controlPlane } = webhook;
  for (let done = 0; done < keys.length; done++) {
    await controlPlane.until(Math.min(done + 2, keys.length));
    expect(controlPlane.working).toBeLessThanOrEqual(2);
    controlPlane.answerNext();
    await answers[done];
    expect(webhook.answered).toEqual(keys.slice(0, done + 1));
  }
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(keys.map(() => 200));
  expect(controlPlane.most).toBe(2);
});

test("beyond the queue a request is 503 at once, nothing of it is sent, and there is room again", async () => {
  const webhook = await start({
    maxConcurrentRequests: 1,
    maxQueuedRequests: 2,
    queueTimeoutMs: 3_600_000,
  });
  const taken = [];
  for (const [index, key] of ["a", "b", "c"].entries()) {
    taken.push(webhook.ask(key));
    await webhook.untilWaiting(index + 1);
  }
  const refused = await webhook.ask("d");
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.body).toMatchObject({ code: "overloaded", status: 503 });
  expect((await createCaller(webhook.url).get("/health")).status).toBe(200);
  for (let seen = 1; seen <= 3; seen++) {
    await webhook.controlPlane.until(seen);
    webhook.controlPlane.answerNext();
  }
  expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200, 200]);
  const later = webhook.ask("d");
  await webhook.controlPlane.until(4);
  webhook.controlPlane.answerNext();
  expect((await later).status).toBe(200);
  expect(webhook.controlPlane.seen).toBe(4);
});

test("one caller takes at most half of the queue", async () => {
  const webhook = await start({
    maxConcurrentRequests: 1,
    maxQueuedRequests: 4,
    queueTimeoutMs: 3_600_000,
  });
  const taken = [];
  for (const [index, key] of ["greedy", "greedy", "greedy"].entries()) {
    taken.push(webhook.ask(key));
    await webhook.untilWaiting(index + 1);
  }
  expect((await webhook.ask("greedy")).status).toBe(503);
  taken.push(webhook.ask("other"));
  await webhook.untilWaiting(5);
  for (let seen = 1; seen <= 4; seen++) {
    await webhook.controlPlane.until(seen);
    webhook.controlPlane.answerNext();
  }
  expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test.each([undefined, "upstream"] as const)(
  "who waits too long is told so, with compat %s",
  async (compat) => {
    const webhook = await start({
      ...{ maxConcurrentRequests: 1, queueTimeoutMs: 50 },
      ...(compat && { compat }),
    });
    const first = webhook.ask("a");
    await webhook.controlPlane.until(1);
    const late = await webhook.ask("b");
    expect(late.status).toBe(503);
    expect(late.headers.get("retry-after")).toBe("1");
    expect(late.body.detail).toBe("No request before this one ended in time. Try again later.");
    webhook.controlPlane.answerNext();
    expect((await first).status).toBe(200);
    expect(webhook.controlPlane.seen).toBe(1);
  },
);

test("who leaves the queue is not worked for", async () => {
  const webhook = await start({
    maxConcurrentRequests: 1,
    maxQueuedRequests: 1,
    queueTimeoutMs: 3_600_000,
  });
  const first = webhook.ask("a");
  await webhook.controlPlane.until(1);
  const leaving = new AbortController();
  const left = fetch(`${webhook.url}/me`, {
    headers: { authorization: "Bearer b" },
    signal: leaving.signal,
  }).catch(() => "left");
  await webhook.untilWaiting(2);
  leaving.abort();
  expect(await left).toBe("left");
  // Its place is free as soon as the server has heard of it.
  let third: Promise<Answer>;
  for (;;) {
    third = webhook.ask("c");
    const soon = new Promise((resolve) => setImmediate(resolve, undefined));
    const refused = await Promise.race([third, webhook.untilWaiting(3).then(() => soon)]);
    if (refused === undefined) break;
    expect((refused as Answer).status).toBe(503);
  }
  webhook.controlPlane.answerNext();
  await webhook.controlPlane.until(2);
  webhook.controlPlane.answerNext();
  expect((await Promise.all([first, third])).map(({ status }) => status)).toEqual([200, 200]);
  expect(webhook.controlPlane.seen).toBe(2);
});

test("who waits for an app holds no slot meanwhile", async () => {
  await using webhook = await startTestWebhook({ maxConcurrentRequests: 1, maxQueuedRequests: 0 });
  webhook.stub.apps.set("site", { phase: "STOPPED", slow: true });
  const caller = createCaller(webhook.url, "a");
  const waiting = caller.post("/app/site/activate?wait=true");
  const isWatched = () => webhook.stub.calls.some(({ method }) => method === "watchApp");
  while (!isWatched()) await caller.get("/health");
  expect((await caller.get("/me")).status).toBe(200);
  webhook.stub.apps.set("site", { phase: "ACTIVE", slow: false });
  expect((await waiting).status).toBe(200);
});
