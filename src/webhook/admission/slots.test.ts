import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../../shared/errors.ts";
import { Slot } from "./slot.ts";
import { type SlotClock, Slots } from "./slots.ts";

/** A clock that goes when it is told to. */
class HandClock implements SlotClock {
  #now = 0;
  #timers: { readonly at: number; readonly act: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, act: () => void): void {
    this.#timers.push({ at: this.#now + ms, act });
  }

  get timers(): number {
    return this.#timers.length;
  }

  pass(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { act } of due) act();
  }
}

type Ended = "held" | "full" | "late" | "gone";

/** One request, as its handler sees it. */
class Request {
  readonly who: string;
  readonly slot: Slot;
  readonly ends: Ended[] = [];
  isHeld = false;
  isAway = false;
  readonly #gone = new AbortController();

  constructor(slots: Slots, who: string) {
    this.who = who;
    this.slot = new Slot(
      slots,
      () => who,
      () => this.#gone.signal,
    );
  }

  async begin(): Promise<void> {
    try {
      const problem = await this.slot.take();
      this.isHeld = problem === undefined;
      this.ends.push(
        problem === undefined ? "held" : problem.detail.startsWith("More") ? "full" : "late",
      );
    } catch (error) {
      expect(FlyteError.is(error) && error.code).toBe("canceled");
      this.ends.push("gone");
    }
  }

  end(): void {
    this.slot.giveBack();
    this.slot.giveBack(); // twice is once
    this.isHeld = false;
  }

  step(): void {
    if (this.isHeld) {
      this.isHeld = false;
      this.isAway = true;
      this.slot.giveBack();
    } else if (this.isAway) {
      this.isAway = false;
      void this.slot.takeAgain().then(() => {
        this.isHeld = true;
      });
    }
  }

  leave(): void {
    this.#gone.abort();
  }
}

const flush = () => new Promise((resolve) => setImmediate(resolve));

interface Action {
  readonly do: "begin" | "end" | "leave" | "step" | "pass";
  readonly who: string;
  readonly which: number;
  readonly ms: number;
}

const action = (...kinds: readonly Action["do"][]): fc.Arbitrary<Action> =>
  fc.record({
    do: fc.constantFrom("begin" as const, ...kinds), // twice as often as the others
    who: fc.constantFrom("a", "b"),
    which: fc.nat(),
    ms: fc.nat(70),
  });

/** The same rules, as slow and plain as they can be. */
class Oracle {
  readonly most: number;
  readonly mostWaiting: number;
  now = 0;
  held: Request[] = [];
  queue: { who: string; until: number; request: Request }[] = [];
  readonly expected = new Map<Request, Ended>();

  constructor(most: number, mostWaiting: number) {
    this.most = most;
    this.mostWaiting = mostWaiting;
  }

  get inUse(): number {
    return this.held.length;
  }

  do({ do: what, ms }: Action, request: Request | undefined): void {
    if (what === "pass") this.#pass(ms);
    else if (request === undefined) return;
    else if (what === "begin") this.#begin(request);
    else if (what === "end") this.#end(request);
    else if (what === "leave") this.#leave(request);
  }

  #begin(request: Request): void {
    const { who } = request;
    const mine = this.queue.filter((one) => one.who === who).length;
    if (this.inUse < this.most) {
      this.#hold(request);
    } else if (this.queue.length >= this.mostWaiting || mine >= this.mostWaiting / 2) {
      this.expected.set(request, "full");
    } else this.queue.push({ who, until: this.now + longestMs, request });
  }

  #hold(request: Request): void {
    this.held.push(request);
    this.expected.set(request, "held");
  }

  #end(request: Request): void {
    this.held = this.held.filter((one) => one !== request);
    const heldBy = (who: string) => this.held.filter((one) => one.who === who).length;
    const next = this.queue.find(({ who }) => heldBy(who) < this.most / 2) ?? this.queue[0];
    if (next === undefined) return;
    this.queue = this.queue.filter((one) => one !== next);
    this.#hold(next.request);
  }

  #leave(request: Request): void {
    if (!this.queue.some((one) => one.request === request)) return;
    this.queue = this.queue.filter((one) => one.request !== request);
    this.expected.set(request, "gone");
  }

  #pass(ms: number): void {
    this.now += ms;
    for (const { request, until } of this.queue) {
      if (until <= this.now) this.expected.set(request, "late");
    }
    this.queue = this.queue.filter(({ until }) => until > this.now);
  }
}

/** Does what is said to one of the requests, and tells which. */
class Play {
  readonly requests: Request[] = [];
  readonly slots: Slots;

  constructor(slots: Slots) {
    this.slots = slots;
  }

  do({ do: what, who = "", which = 0 }: Action): Request | undefined {
    if (what === "begin") {
      const request = new Request(this.slots, who);
      this.requests.push(request);
      void request.begin();
      return request;
    }
    const from = what === "end" ? this.requests.filter(({ isHeld }) => isHeld) : this.requests;
    const request = from[which % from.length];
    if (what === "end") request?.end();
    else if (what === "leave") request?.leave();
    else if (what === "step") request?.step();
    return request;
  }
}

const sizes = fc.record({
  most: fc.integer({ min: 1, max: 3 }),
  mostWaiting: fc.integer({ min: 0, max: 5 }),
});
const longestMs = 50;

test("whatever requests do, each ends as a plain queue would have it", async () => {
  const actions = fc.array(action("begin", "end", "leave", "pass"), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(sizes, actions, async ({ most, mostWaiting }, all) => {
      const clock = new HandClock();
      const play = new Play(new Slots({ most, mostWaiting, longestMs }, clock));
      const oracle = new Oracle(most, mostWaiting);
      for (const one of all) {
        const request = play.do(one);
        if (one.do === "pass") clock.pass(one.ms);
        oracle.do(one, request);
        await flush();
        const { inUse, waiting } = play.slots.counts;
        expect([inUse, waiting]).toEqual([oracle.inUse, oracle.queue.length]);
        expect(clock.timers).toBeLessThanOrEqual(1);
      }
      for (const request of play.requests) {
        const end = oracle.expected.get(request);
        expect(request.ends).toEqual(end === undefined ? [] : [end]);
      }
    }),
    { numRuns: 150 },
  );
});

test("who waits outside comes back, never more work at once, and nobody is left over", async () => {
  const actions = fc.array(action("begin", "end", "step"), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(sizes, actions, async ({ most, mostWaiting }, all) => {
      const play = new Play(new Slots({ most, mostWaiting, longestMs }, new HandClock()));
      const { slots, requests } = play;
      const heldNow = () => requests.filter(({ isHeld }) => isHeld);
      for (const one of all) {
        play.do(one);
        await flush();
        expect(slots.counts.inUse).toBe(heldNow().length);
        expect(heldNow().length).toBeLessThanOrEqual(most);
        if (slots.counts.waiting > 0) expect(heldNow()).toHaveLength(most);
      }
      while (heldNow().length > 0) {
        for (const request of heldNow()) request.end();
        await flush();
      }
      expect(slots.counts).toMatchObject({ inUse: 0, waiting: 0 });
      for (const { ends } of requests) expect(ends).toHaveLength(1);
    }),
    { numRuns: 150 },
  );
});

test("who comes back goes before those who wait to begin", async () => {
  const slots = new Slots({ most: 1, mostWaiting: 4, longestMs: 50 });
  const [one, two, three] = ["a", "b", "c"].map((who) => new Request(slots, who));
  if (one === undefined || two === undefined || three === undefined) return;
  await one.begin();
  void two.begin();
  void three.begin();
  one.step();
  await flush();
  expect(two.isHeld).toBe(true);
  one.step(); // comes back, and waits
  two.end();
  await flush();
  expect([one.isHeld, three.isHeld]).toEqual([true, false]);
  one.end();
  await flush();
  expect(three.ends).toEqual(["held"]);
});

test("who leaves while coming back holds nothing", async () => {
  const slots = new Slots({ most: 1, mostWaiting: 4, longestMs: 50 });
  const gone = new AbortController();
  const away = new Slot(
    slots,
    () => "a",
    () => gone.signal,
  );
  const other = new Request(slots, "b");
  await other.begin();
  const back = away.takeAgain();
  gone.abort();
  await expect(back).rejects.toMatchObject({ code: "canceled" });
  await expect(away.take()).rejects.toMatchObject({ code: "canceled" });
  expect(slots.counts.waiting).toBe(0);
  other.end();
  expect(slots.counts.inUse).toBe(0);
});

test("who has left twice has left once", () => {
  const slots = new Slots({ most: 1, mostWaiting: 4, longestMs: 50 }, new HandClock());
  slots.tryTake("one");
  const enter = () => slots.enter("one", () => undefined);
  const [first, second] = [enter(), enter()];
  if (first === undefined || second === undefined) throw new Error("there was no place");
  slots.leave(first);
  slots.leave(first);
  expect([enter(), enter()].map((waiting) => waiting !== undefined)).toEqual([true, false]);
});
