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
import type { LineSubscription } from "../engine/live-lines.ts";
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
 * until it ends. A reader that is too slow for the lines as they come finds them in the log on disk,
 * so it misses nothing and holds nothing up.
 *
 * @throws FlyteError `not_found` while the attempt has not begun
 */
export function createTailLogs(
  options: TailLogsOptions,
): ServiceImpl<typeof DataProxyService>["tailLogs"] {
  const { database, engine, executor } = options;
  return async function* tailLogs(request, context) {
    const { row } = requireAction(options, request.actionId, context);
    const attempt = request.attempt || Math.max(1, row.attempts);
    const key = { ...row, action: row.name, attempt };
    // Follows before it reads, so that no line falls between.
    using live = engine.lines.follow(row.id, attempt);
    if (live === undefined && !hasLog(row.id, attempt)) {
      throw new FlyteError("not_found", `attempt ${attempt} has written no log yet`);
    }
    let seen = 0;
    for (;;) {
      for await (const lines of batches(executor.readLines(key), seen)) {
        context.signal.throwIfAborted();
        seen += lines.length;
        yield toMessage(lines);
      }
      if (live === undefined) return;
      const next = yield* follow(live, seen, context.signal);
      if (next === undefined) return;
      seen = next;
    }
  };

  /** An attempt that runs now is followed before this is asked. */
  function hasLog(id: number, attempt: number): boolean {
    return listActionEvents(database, id).some((event) => {
      const phase = toPhase(event.phase);
      return event.attempt === attempt && (phase === "running" || isEnd(phase));
    });
  }
}

function isEnd(phase: Phase | undefined): boolean {
  return phase !== undefined && isTerminal(phase);
}

/**
 * Lines as they come, until the attempt ends. Returns how many were seen when some were missed, which
 * are then to be read from the disk.
 */
async function* follow(
  live: LineSubscription,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<TailLogsResponse, number | undefined, undefined> {
  for (let seen = from; ; ) {
    const { firstIndex, lines, isEnded } = await live.next(signal);
    if (lines.length > 0 && firstIndex > seen) return seen;
    const fresh = lines.slice(Math.max(0, seen - firstIndex));
    for (let at = 0; at < fresh.length; at += batchSize) {
      yield toMessage(fresh.slice(at, at + batchSize));
    }
    seen += fresh.length;
    if (isEnded) return undefined;
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
