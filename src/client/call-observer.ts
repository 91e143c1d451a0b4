import type { DescMethodServerStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { FlyteError } from "../shared/errors.ts";

/** One try of a call to a control plane. */
export interface ObservedCall {
  /** Full name of the service, such as `flyteidl2.task.TaskService`. */
  readonly service: string;
  /** Name of the method, such as `ListTasks`. */
  readonly method: string;
  readonly kind: "unary" | "stream";
  /** 0 for the first try. */
  readonly attempt: number;
  /** The host that is called, as a base URL; a cluster may have one of its own. */
  readonly baseUrl: string;
}

/** How a try ended. */
export interface CallOutcome {
  /** `ok`, or a code of the Connect protocol, such as `unavailable`; `canceled` for a stream that was left. */
  readonly code: string;
  readonly durationMs: number;
}

/** What an observer has to do with one try. */
export interface CallWatch {
  /** Sent along, such as `traceparent`; no credentials. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once. */
  ended(outcome: CallOutcome): void;
}

/**
 * Gets each try of each call as it begins, streams included, in the asynchronous context of who calls.
 * What it throws fails the call.
 */
export type CallObserver = (call: ObservedCall) => CallWatch | undefined;

/** The observers of one control plane. */
export class CallObservers {
  readonly #all: Set<CallObserver> = new Set();

  add(observer: CallObserver): Disposable {
    // One for each time it is given, so that each can be taken back.
    const added: CallObserver = (call) => observer(call);
    this.#all.add(added);
    return { [Symbol.dispose]: () => void this.#all.delete(added) };
  }

  /** Tells of a try; undefined when nobody listens. */
  begin(
    { parent, name, methodKind }: DescMethodUnary | DescMethodServerStreaming,
    attempt: number,
    baseUrl: string,
  ): ObservedTry | undefined {
    if (this.#all.size === 0) return undefined;
    const kind = methodKind === "unary" ? "unary" : "stream";
    const call = { service: parent.typeName, method: name, kind, attempt, baseUrl } as const;
    const watches: CallWatch[] = [];
    for (const observer of this.#all) {
      const watch = observer(call);
      if (watch !== undefined) watches.push(watch);
    }
    return new ObservedTry(watches);
  }
}

/** One try that somebody watches. */
export class ObservedTry {
  readonly #watches: readonly CallWatch[];
  readonly #start: number = performance.now();

  constructor(watches: readonly CallWatch[]) {
    this.#watches = watches;
  }

  /** What is to be sent along, flat; of a name that several give the last value counts. */
  get headers(): readonly string[] {
    const entries = this.#watches.flatMap(({ headers = {} }) => Object.entries(headers));
    return [...new Map(entries)].flat();
  }

  ended(code: string): void {
    const outcome = { code, durationMs: performance.now() - this.#start };
    for (const watch of this.#watches) watch.ended(outcome);
  }
}

/** The name of an error's code in the Connect protocol. */
export function codeName(error: unknown): string {
  if (!(error instanceof ConnectError)) return "unknown";
  // What no try can mend carries its code within.
  if (FlyteError.is(error.cause)) return error.cause.code;
  return (Code[error.code] ?? "Unknown").replace(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase();
}
