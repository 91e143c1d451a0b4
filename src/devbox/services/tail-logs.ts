import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type DataProxyService,
  type TailLogsResponse,
  TailLogsResponseSchema,
} from "../../idl/data-proxy.ts";
import { LogLineOriginator } from "../../idl/logs.ts";
import { FlyteError } from "../../shared/errors.ts";
import { isTerminal, type Phase, toPhase } from "../../values/phases.ts";
import type { AttemptLine, Executor } from "../executor/executor.ts";
import { listActionEvents } from "../store/action-events.ts";
import { type RunServiceOptions, requireAction } from "./find-run.ts";

/** Lines in one message. */
const batchSize = 500;

export interface TailLogsOptions extends RunServiceOptions {
  readonly executor: Executor;
}

/**
 * `DataProxyService.TailLogs`: what an attempt has written so far, and what it writes from then on
 * until it ends. The lines are read from the file each time something new is there, so a reader that
 * is slow misses nothing and holds nothing up.
 */
export function createTailLogs(
  options: TailLogsOptions,
): ServiceImpl<typeof DataProxyService>["tailLogs"] {
  const { database, engine, executor } = options;
  return async function* tailLogs(request, context) {
    const { row } = requireAction(options, request.actionId, context);
    const attempt = request.attempt || Math.max(1, row.attempts);
    const key = { ...row, action: row.name, attempt };
    if (!wasIn(row.id, attempt, (phase) => phase === "running")) {
      throw new FlyteError("not_found", `attempt ${attempt} has written no log yet`);
    }
    const wake = new Wake();
    const leave = [
      engine.onLine(row.id, () => wake.now()),
      engine.changes.listen(({ id }) => id === row.id && wake.now()),
      onAbort(context.signal, () => wake.now()),
    ];
    try {
      for (let seen = 0; !context.signal.aborted; ) {
        const ended = wasIn(row.id, attempt, isTerminal);
        for await (const lines of batches(executor.readLines(key), seen)) {
          seen += lines.length;
          yield toMessage(lines);
        }
        if (ended) return;
        await wake.next();
      }
    } finally {
      for (const stop of leave) stop();
    }
  };

  function wasIn(id: number, attempt: number, test: (phase: Phase) => boolean): boolean {
    return listActionEvents(database, id).some((event) => {
      const phase = toPhase(event.phase);
      return event.attempt === attempt && phase !== undefined && test(phase);
    });
  }
}

function onAbort(signal: AbortSignal, listener: () => void): () => void {
  signal.addEventListener("abort", listener);
  return () => signal.removeEventListener("abort", listener);
}

/** Remembers that something happened until somebody has waited for it. */
class Wake {
  #happened = false;
  #waiting: (() => void) | undefined;

  now(): void {
    this.#happened = true;
    this.#waiting?.();
  }

  async next(): Promise<void> {
    if (!this.#happened) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    this.#happened = false;
    this.#waiting = undefined;
  }
}

/** Lines in batches, without the first `skip`. Reading the file anew costs as much as it holds. */
async function* batches(
  lines: AsyncIterable<AttemptLine>,
  skip: number,
): AsyncGenerator<readonly AttemptLine[], void, undefined> {
  let batch: AttemptLine[] = [];
  let at = 0;
  for await (const line of lines) {
    at += 1;
    if (at <= skip) continue;
    batch.push(line);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function toMessage(lines: readonly AttemptLine[]): TailLogsResponse {
  return create(TailLogsResponseSchema, {
    logs: [
      {
        lines: lines.map(({ message, time }) => ({
          message,
          timestamp: timestampFromDate(time),
          originator: LogLineOriginator.USER,
        })),
      },
    ],
  });
}
