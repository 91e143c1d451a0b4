import { EventEmitter, once } from "node:events";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  ActionDetailsSchema,
  WatchActionDetailsResponseSchema,
} from "../../../src/idl/runs.ts";

type Details = MessageInitShape<typeof ActionDetailsSchema>;
type Told = MessageInitShape<typeof WatchActionDetailsResponseSchema>;

/** What a run is told to have come to. */
export interface RunEnd {
  readonly status: { readonly phase: number; readonly attempts: number };
  readonly result?: {
    readonly case: "errorInfo";
    readonly value: { readonly kind: number; readonly message: string };
  };
}

/** Watches of runs: the present state, and its end when a test says so. */
export class EchoWatches {
  /** The watches that are open, by the name of their run. */
  readonly open: string[] = [];
  readonly #ends = new Map<string, RunEnd>();
  readonly #events = new EventEmitter().setMaxListeners(0);

  reset(): void {
    this.#ends.clear();
  }

  endOf(name: string): RunEnd | undefined {
    return this.#ends.get(name);
  }

  /** Ends a run: in a phase by its number, with an error message where it failed. */
  end(name: string, phase = 5, message?: string): void {
    this.#ends.set(name, {
      status: { phase, attempts: 1 },
      ...(message !== undefined && {
        result: { case: "errorInfo" as const, value: { kind: 1, message } },
      }),
    });
    this.#events.emit(`end of ${name}`);
  }

  /** Breaks every open watch off, as a restart does. */
  breakOff(): void {
    this.#events.emit("broken");
  }

  /** Resolves when so many watches are open. */
  async until(count: number): Promise<void> {
    while (this.open.length !== count) await once(this.#events, "changed");
  }

  async *tell(name: string, action: object, signal: AbortSignal): AsyncGenerator<Told> {
    const broken = new AbortController();
    const breakOff = (): void => broken.abort(new Error("The stub broke it off."));
    this.#events.on("broken", breakOff);
    const either = AbortSignal.any([signal, broken.signal]);
    this.open.push(name);
    this.#events.emit("changed");
    try {
      for (;;) {
        const end = this.#ends.get(name);
        yield { details: { ...action, ...end } as Details };
        if (end !== undefined) return;
        // It may have come to its end while the message was sent.
        if (!this.#ends.has(name)) {
          await once(this.#events, `end of ${name}`, { signal: either });
        }
      }
    } finally {
      this.#events.off("broken", breakOff);
      this.open.splice(this.open.indexOf(name), 1);
      this.#events.emit("changed");
    }
  }
}
