import { timestampDate } from "@bufbuild/protobuf/wkt";
import { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { DataProxyService } from "../idl/data-proxy.ts";
import type { LogLine as LogLineMessage } from "../idl/logs.ts";
import { FlyteError } from "../shared/errors.ts";
import { type CallContext, pause } from "./call-context.ts";
import type { LogLine } from "./control-plane.ts";
import { toFlyteError } from "./errors.ts";
import { readRunStatus, toRootActionId } from "./read-run.ts";
import type { AskedRun } from "./run-status.ts";
import type { Session } from "./session.ts";

const pollMs = 2_000;
const mostTriesAfterEnd = 2;

/**
 * The log lines of a run's root action, as they come, until the attempt has ended. While the
 * attempt has not begun, and so has no log, asks again every two seconds. A run that ended without
 * one has no lines.
 */
export async function* tailLogs(
  session: Session,
  asked: AskedRun,
  given: number | undefined,
  call: CallContext,
): AsyncGenerator<LogLine, void, undefined> {
  let triesAfterEnd = 0;
  for (;;) {
    const status = await readRunStatus(session, asked, call);
    const attempt = given ?? Math.max(1, status.attempts);
    let isStarted = false;
    try {
      for await (const line of readLines(session, asked, attempt, call)) {
        isStarted = true;
        yield line;
      }
      return;
    } catch (error) {
      const failure = toFlyteError(error);
      const isAbsent = failure.code === "not_found" || failure.code === "unavailable";
      if (isStarted || !isAbsent) throw failure;
      if (status.done) {
        triesAfterEnd += 1;
        if (triesAfterEnd >= mostTriesAfterEnd && failure.code === "not_found") return;
        if (triesAfterEnd >= mostTriesAfterEnd) throw failure;
      }
    }
    await waitToPoll(call);
  }
}

async function* readLines(
  session: Session,
  asked: AskedRun,
  attempt: number,
  call: CallContext,
): AsyncGenerator<LogLine, void, undefined> {
  const actionId = toRootActionId(session, asked);
  const operation = SelectClusterRequest_Operation.TAIL_LOGS;
  const resource = { case: "actionId" as const, value: actionId };
  const channel = await session.clusters.route({ operation, resource }, call);
  const responses = channel.stream(DataProxyService.method.tailLogs, { actionId, attempt }, call);
  for await (const { logs } of responses) {
    for (const { lines } of logs) for (const line of lines) yield toLogLine(line);
  }
}

function toLogLine({ message, timestamp }: LogLineMessage): LogLine {
  return { message, time: timestamp === undefined ? undefined : timestampDate(timestamp) };
}

async function waitToPoll(call: CallContext): Promise<void> {
  try {
    await pause(call, pollMs);
  } catch (cause) {
    throw toFlyteError(cause);
  }
}

/** @throws FlyteError `invalid_input` for an attempt that is no whole number from 1 on */
export function checkAttempt(attempt: number | undefined): number | undefined {
  if (attempt === undefined || (Number.isInteger(attempt) && attempt >= 1)) return attempt;
  throw new FlyteError("invalid_input", `attempt is ${attempt}; attempts are counted from 1.`);
}
