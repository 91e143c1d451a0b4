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
const mostTriesUnavailable = 5;

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
  let tries = 0;
  for (;;) {
    const status = await readRunStatus(session, asked, call);
    const attempt = given ?? Math.max(1, status.attempts);
    const absent = yield* readLines(session, asked, attempt, call);
    if (absent === undefined) return;
    const isUnavailable = absent.code === "unavailable";
    if (status.done || isUnavailable) tries += 1;
    if (tries >= (isUnavailable ? mostTriesUnavailable : mostTriesAfterEnd)) {
      if (isUnavailable) throw absent;
      return;
    }
    await pause(call, pollMs);
  }
}

/** The lines of one request. Returns why it has none, when it may have some later. */
async function* readLines(
  session: Session,
  asked: AskedRun,
  attempt: number,
  call: CallContext,
): AsyncGenerator<LogLine, FlyteError | undefined, undefined> {
  let isStarted = false;
  const actionId = toRootActionId(session, asked);
  const operation = SelectClusterRequest_Operation.TAIL_LOGS;
  const resource = { case: "actionId" as const, value: actionId };
  try {
    const channel = await session.clusters.route({ operation, resource }, call);
    const responses = channel.stream(DataProxyService.method.tailLogs, { actionId, attempt }, call);
    for await (const { logs } of responses) {
      isStarted = true;
      for (const line of logs.flatMap(({ lines }) => lines)) yield toLogLine(line);
    }
    return undefined;
  } catch (error) {
    const failure = toFlyteError(error);
    const isAbsent = failure.code === "not_found" || failure.code === "unavailable";
    if (isStarted || !isAbsent) throw failure;
    return failure;
  }
}

function toLogLine({ message, timestamp }: LogLineMessage): LogLine {
  return { message, time: timestamp === undefined ? undefined : timestampDate(timestamp) };
}

/** @throws FlyteError `invalid_input` for an attempt that is no whole number from 1 on */
export function checkAttempt(attempt: number | undefined): number | undefined {
  if (attempt === undefined || (Number.isInteger(attempt) && attempt >= 1)) return attempt;
  throw new FlyteError("invalid_input", `attempt is ${attempt}; attempts are counted from 1.`);
}
