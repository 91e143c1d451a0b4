import { timestampDate } from "@bufbuild/protobuf/wkt";
import { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { DataProxyService } from "../idl/data-proxy.ts";
import type { LogLine as LogLineMessage } from "../idl/logs.ts";
import { FlyteError } from "../shared/errors.ts";
import { type CallContext, pause } from "./call-context.ts";
import { toFlyteError } from "./errors.ts";
import { readRunStatus, toRootActionId } from "./read-run.ts";
import type { LogLine } from "./run-calls.ts";
import type { AskedRun } from "./run-status.ts";
import type { Session } from "./session.ts";
import { Silence } from "./silence.ts";

const pollMs = 2_000;
const firstSilenceMs = 3_000;
const silenceMs = 1_000;
const mostTriesAfterEnd = 2;
const mostTriesUnavailable = 5;

/** Which lines are asked for. */
export interface LogQuestion {
  readonly asked: AskedRun;
  /** @default the last one */
  readonly attempt?: number | undefined;
  /** Whether to wait for lines that are not written yet. @default true */
  readonly follow?: boolean | undefined;
}

/**
 * The log lines of a run's root action, as they come, until the attempt has ended. While the
 * attempt has not begun, and so has no log, asks again every two seconds. A run that ended without
 * one has no lines.
 */
export async function* tailLogs(
  session: Session,
  question: LogQuestion,
  call: CallContext,
): AsyncGenerator<LogLine, void, undefined> {
  const { asked, follow = true } = question;
  let tries = 0;
  for (;;) {
    const status = await readRunStatus(session, asked, call);
    const attempt = question.attempt ?? Math.max(1, status.attempts);
    // The log of what has ended comes to an end by itself.
    const isWhole = follow || status.done || attempt < status.attempts;
    const absent = yield* readLines(session, { asked, attempt, isWhole }, call);
    if (absent === undefined) return;
    const isUnavailable = absent.code === "unavailable";
    if (isUnavailable || status.done) tries += 1;
    if (isUnavailable && tries >= mostTriesUnavailable) throw absent;
    const isFinal = !follow || tries >= mostTriesAfterEnd;
    if (isFinal && !isUnavailable) return;
    await pause(call, pollMs);
  }
}

interface LogRequest {
  readonly asked: AskedRun;
  readonly attempt: number;
  /** Whether to read to the end, however long nothing comes. */
  readonly isWhole: boolean;
}

/** The lines of one request. Returns why it has none, when it may have some later. */
async function* readLines(
  session: Session,
  { asked, attempt, isWhole }: LogRequest,
  call: CallContext,
): AsyncGenerator<LogLine, FlyteError | undefined, undefined> {
  let isStarted = false;
  const actionId = toRootActionId(session, asked);
  const operation = SelectClusterRequest_Operation.TAIL_LOGS;
  const resource = { case: "actionId" as const, value: actionId };
  using silence = new Silence();
  const limit = (ms: number): void => (isWhole ? undefined : silence.allow(ms));
  try {
    const channel = await session.clusters.route({ operation, resource }, call);
    limit(firstSilenceMs);
    const signal = AbortSignal.any([silence.signal, ...(call.signal ? [call.signal] : [])]);
    const limited = { ...call, signal };
    const input = { actionId, attempt };
    for await (const { logs } of channel.stream(DataProxyService.method.tailLogs, input, limited)) {
      silence.pause();
      isStarted = true;
      for (const line of logs.flatMap(({ lines }) => lines)) yield toLogLine(line);
      limit(silenceMs);
    }
    return undefined;
  } catch (error) {
    if (silence.isOver) return undefined;
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
