import fc from "fast-check";
import { expect, test } from "vitest";
import { type AppUnderTest, printCondition } from "../../../test/support/app-rows.ts";
import { type ControlledApp, control } from "../../../test/support/scripted-replicas.ts";
import type { Lease } from "./app-runtime.ts";

const app: AppUnderTest = { command: ["v1"], concurrency: 2, scaledownSeconds: 10 };

/** What happens to one app, and what is known of its requests. */
class World {
  readonly app: ControlledApp = control(app, { maxWaiting: 1000 });
  readonly listening = new Set<string>();
  readonly held: Lease[] = [];
  readonly waiting: { readonly cancel: () => void; settled: boolean }[] = [];
  wanted = true;

  acquire(): void {
    const abort = new AbortController();
    const entry = { cancel: () => abort.abort(), settled: false };
    this.waiting.push(entry);
    this.app.acquire(abort.signal).then(
      (lease) => {
        entry.settled = true;
        this.held.push(lease);
        expect(this.listening.has(lease.replica)).toBe(true);
      },
      () => {
        entry.settled = true;
      },
    );
  }

  listen(at: number, declared = false): void {
    const replica = this.app.replicas.kept()[at];
    if (replica === undefined) return;
    this.listening.add(replica.name);
    replica.listen(declared ? 8080 : 5000, declared);
  }

  crash(at: number): void {
    const replica = this.app.replicas.kept()[at];
    replica?.exit();
    replica?.end();
  }

  apply(more: Partial<AppUnderTest>): void {
    this.wanted = more.stopped !== true;
    this.app.apply({ ...app, ...more });
  }

  check(): void {
    const { controller, replicas } = this.app;
    const { state } = controller;
    const ready = state.replicas.filter(({ phase }) => phase === "ready");
    expect(state.currentReplicas).toBe(ready.length);
    expect(state.conditions.length).toBeGreaterThan(0);
    expect(state.conditions.length).toBeLessThanOrEqual(10);
    // Four at most of the generation that serves and of a newer one.
    expect(replicas.kept().length).toBeLessThanOrEqual(8);
    if (!this.wanted) expect(state.replicas.every(({ phase }) => phase === "draining")).toBe(true);
  }

  /** From here on all goes well. */
  async settle(): Promise<void> {
    const { clock, replicas } = this.app;
    for (let turn = 0; turn < 40; turn++) {
      for (const replica of replicas.ending()) replica.end();
      for (const at of replicas.kept().keys()) this.listen(at);
      clock.pass(1000);
      await Promise.resolve();
    }
  }
}

type Step = (world: World) => void;

const at = fc.nat(10);
const named = (name: string, step: Step): Step => Object.assign(step, { toString: () => name });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(named("acquire", (world) => world.acquire())),
  at.map((n) => named(`release ${n}`, ({ held }) => held[n]?.release())),
  at.map((n) => named(`cancel ${n}`, ({ waiting }) => waiting[n]?.cancel())),
  at.map((n) => named(`listen ${n}`, (world) => world.listen(n))),
  at.map((n) => named(`listen ${n} on the declared port`, (world) => world.listen(n, true))),
  at.map((n) => named(`crash ${n}`, (world) => world.crash(n))),
  at.map((n) => named(`end ${n}`, (world) => world.app.replicas.ending()[n]?.end())),
  fc.nat(20_000).map((ms) => named(`pass ${ms}`, (world) => world.app.clock.pass(ms))),
  fc
    .record({
      ...{ version: fc.constantFrom("v1", "v2", "v3"), stopped: fc.boolean() },
      ...{ min: fc.nat(2), more: fc.nat(2) },
    })
    .map(({ version, stopped, min, more }) =>
      named(`apply ${version} ${min}-${more} ${stopped ? "stopped" : ""}`, (world) =>
        world.apply({
          ...{ stopped, command: [version] },
          replicas: [min, Math.max(1, min + more)],
        }),
      ),
    ),
);

test("whatever happens, requests reach replicas that listen and none waits without hope", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = new World();
      for (const happen of steps) {
        happen(world);
        await Promise.resolve();
        world.check();
      }
      await world.settle();
      expect(world.waiting.filter(({ settled }) => !settled)).toEqual([]);
      if (world.wanted) expect(world.app.condition()).toMatch(/^ACTIVE/);
      for (const lease of world.held) lease.release();
      world.apply({ stopped: true });
      await world.settle();
      const { controller, clock } = world.app;
      expect(printCondition(controller.state)).toBe("STOPPED unspecified");
      await controller.close(0);
      expect(clock.timerCount).toBe(0);
    }),
    { numRuns: 300 },
  );
});
