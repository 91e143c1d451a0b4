import { AppController, type ControllerOptions } from "../../src/devbox/apps/app-controller.ts";
import type { AppPlan } from "../../src/devbox/apps/app-plan.ts";
import type { Lease } from "../../src/devbox/apps/app-runtime.ts";
import type { Clock } from "../../src/devbox/apps/clock.ts";
import type { ReplicaHooks, StartReplica } from "../../src/devbox/apps/replica-process.ts";
import { type AppUnderTest, printCondition, toAppRow } from "./app-rows.ts";

/** A clock that moves when a test says so. */
class TestClock implements Clock {
  #now = 1_000_000;
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass, and what is due happen at its time. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }

  get timerCount(): number {
    return this.#timers.size;
  }
}

/** A replica that does what the test says. */
class ScriptedReplica {
  readonly name: string;
  readonly plan: AppPlan;
  readonly #hooks: ReplicaHooks;
  isEnding = false;
  isOver = false;
  /** Whether it listens when it is looked for again. */
  isListening = true;

  constructor(name: string, plan: AppPlan, hooks: ReplicaHooks) {
    this.name = name;
    this.plan = plan;
    this.#hooks = hooks;
  }

  listen(port = 5000, isDeclared = false): void {
    this.#hooks.onReady({ host: "127.0.0.1", port, isDeclared }, async () => this.isListening);
  }

  exit(): void {
    this.#hooks.onExit();
  }

  /** Ends it; what an end that nobody asked for says is given. */
  end(message = "It crashed.", isFinal = false): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#hooks.onEnded({ substate: "crash_loop", message, isFinal });
  }
}

interface ScriptedReplicas {
  readonly start: StartReplica;
  readonly all: readonly ScriptedReplica[];
  /** Those that were neither told to end nor have ended. */
  readonly kept: () => ScriptedReplica[];
  /** Those that were told to end and have not. */
  readonly ending: () => ScriptedReplica[];
}

/** The seam to processes, scripted. */
function scriptedReplicas(): ScriptedReplicas {
  const all: ScriptedReplica[] = [];
  return {
    all,
    ending: () => all.filter(({ isEnding, isOver }) => isEnding && !isOver),
    kept: () => all.filter(({ isEnding, isOver }) => !isEnding && !isOver),
    start({ name, plan }, hooks) {
      const replica = new ScriptedReplica(name, plan, hooks);
      all.push(replica);
      return {
        end: () => {
          replica.isEnding = true;
        },
      };
    },
  };
}

/** A controller whose time and replicas are the test's. */
export interface ControlledApp {
  readonly controller: AppController;
  readonly clock: TestClock;
  readonly replicas: ScriptedReplicas;
  /** Digests as they were kept. */
  readonly kept: readonly (string | undefined)[];
  /** Conditions as they were told of. */
  readonly conditions: readonly string[];
  /** Applies the next revision. */
  apply(app: AppUnderTest): void;
  acquire(signal?: AbortSignal): Promise<Lease>;
  condition(): string;
}

export function control(app: AppUnderTest, more: Partial<ControllerOptions> = {}): ControlledApp {
  const clock = new TestClock();
  const replicas = scriptedReplicas();
  const kept: (string | undefined)[] = [];
  const conditions: string[] = [];
  const told: { controller?: AppController } = {};
  const controller = new AppController(toAppRow(app, 1), {
    ...{ clock, startReplica: replicas.start, provenDigest: undefined, maxWaiting: 5 },
    ...{ drainMs: 60_000, stopDrainMs: 1000, keepProven: (digest) => kept.push(digest) },
    onChange: () => conditions.push(printCondition(told.controller?.state)),
    ...more,
  });
  told.controller = controller;
  let revision = 1;
  return {
    ...{ controller, clock, replicas, kept, conditions },
    apply(next) {
      revision++;
      controller.apply(toAppRow(next, revision));
    },
    acquire: (signal = new AbortController().signal) => controller.acquire(signal),
    condition: () => printCondition(controller.state),
  };
}
