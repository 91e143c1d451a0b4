import { AppLogsService } from "../idl/app-logs.ts";
import { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { FlyteError, type FlyteErrorCode } from "../shared/errors.ts";
import type { AppLogLine } from "./app-calls.ts";
import { readAppLogLines, toAppLogLine } from "./app-log-lines.ts";
import type { AskedApp } from "./app-status.ts";
import { type CallContext, pause } from "./call-context.ts";
import type { Channel } from "./channel.ts";
import { toFlyteError } from "./errors.ts";
import { LogMarks } from "./log-marks.ts";
import { readApp, toAppId } from "./read-app.ts";
import { toBackoffMs } from "./retry.ts";
import type { Session } from "./session.ts";
import { Silence } from "./silence.ts";
import { isPassing } from "./watch-states.ts";

export interface AppLogQuestion {
  readonly asked: AskedApp;
  readonly replica: string | undefined;
  readonly follow: boolean;
}

const mostFailures = 5;
/** Streams end whenever replicas come and go. Those of an app without any end at once. */
const mostIdle = 3;
const longStreamMs = 10_000;
const firstSilenceMs = 3_000;
const silenceMs = 1_000;

/** How a stream ended, and whether it was of use: told something new, or was open for long. */
interface StreamEnd {
  readonly isOfUse: boolean;
  readonly failure?: FlyteError;
}

/** What came of the streams so far: how many in a row failed, and how many had nothing to tell. */
interface Streams {
  readonly failures: number;
  readonly idle: number;
  /** Whether one was ever of use. */
  readonly anyOfUse: boolean;
}

/** The lines of an app's replicas, those written before first, each of them once. */
export async function* tailAppLogs(
  session: Session,
  question: AppLogQuestion,
  call: CallContext,
): AsyncGenerator<AppLogLine, void, undefined> {
  const marks = new LogMarks();
  let streams: Streams = { failures: 0, idle: 0, anyOfUse: false };
  for (;;) {
    const end = yield* readStream(session, question, marks, call);
    if (end.failure === undefined && !question.follow) return;
    streams = count(streams, end);
    if (isAbsent(end)) {
      if (!(await exists(session, question.asked, streams.anyOfUse, call))) return;
    } else if (end.failure !== undefined) {
      if (streams.failures >= mostFailures || !isPassing(end.failure, call)) throw end.failure;
    }
    if (streams.idle >= mostIdle) return;
    const tries = Math.max(streams.failures, streams.idle, 1);
    await pause(call, toBackoffMs(tries - 1, Math.random()));
  }
}

/** An app without replicas has no logs. */
function isAbsent({ failure }: StreamEnd): boolean {
  return failure?.code === "not_found";
}

function count({ failures, idle, anyOfUse }: Streams, end: StreamEnd): Streams {
  const hasFailed = end.failure !== undefined && !isAbsent(end);
  const before = end.isOfUse ? 0 : hasFailed ? failures : idle;
  return {
    failures: hasFailed ? before + 1 : 0,
    idle: hasFailed || end.isOfUse ? 0 : before + 1,
    anyOfUse: anyOfUse || end.isOfUse,
  };
}

/** The new lines of one stream. */
async function* readStream(
  session: Session,
  { asked, replica, follow }: AppLogQuestion,
  marks: LogMarks,
  call: CallContext,
): AsyncGenerator<AppLogLine, StreamEnd, undefined> {
  const isNew = marks.startStream();
  const startedAt = performance.now();
  let isOfUse = false;
  using silence = new Silence();
  const limit = (ms: number): void => (follow ? undefined : silence.allow(ms));
  try {
    const channel = await findChannel(session, asked, call);
    limit(firstSilenceMs);
    const signal = AbortSignal.any([silence.signal, ...(call.signal ? [call.signal] : [])]);
    const target = toTarget(asked, replica);
    const answers = channel.stream(AppLogsService.method.tailLogs, { target }, { ...call, signal });
    for await (const answer of answers) {
      silence.pause();
      for (const line of readAppLogLines(answer)) {
        if (!isNew(line)) continue;
        isOfUse = true;
        yield toAppLogLine(line);
      }
      limit(silenceMs);
    }
    return end();
  } catch (error) {
    return silence.isOver ? end() : { ...end(), failure: toFlyteError(error) };
  }

  function end(): StreamEnd {
    return { isOfUse: isOfUse || performance.now() - startedAt >= longStreamMs };
  }
}

function toTarget(asked: AskedApp, replica: string | undefined) {
  const appId = toAppId(asked);
  return replica === undefined
    ? { case: "appId" as const, value: appId }
    : { case: "replicaId" as const, value: { appId, name: replica } };
}

/** Control planes that do not tell where apps run tell the logs themselves. */
const isAnsweredItself: ReadonlySet<FlyteErrorCode> = new Set<FlyteErrorCode>([
  "invalid_input",
  "not_found",
  "internal",
]);

async function findChannel(session: Session, asked: AskedApp, call: CallContext): Promise<Channel> {
  const operation = SelectClusterRequest_Operation.TAIL_LOGS;
  const resource = { case: "appId" as const, value: toAppId(asked) };
  try {
    return await session.clusters.route({ operation, resource }, call);
  } catch (error) {
    if (FlyteError.is(error) && isAnsweredItself.has(error.code)) return session.channel;
    throw error;
  }
}

/**
 * Whether an app without logs is there, and so may have some later.
 *
 * @throws FlyteError `not_found` when there is no such app, unless it told something before
 */
async function exists(
  session: Session,
  asked: AskedApp,
  wasThere: boolean,
  call: CallContext,
): Promise<boolean> {
  try {
    await readApp(session, asked, call);
    return true;
  } catch (error) {
    if (wasThere && FlyteError.is(error) && error.code === "not_found") return false;
    throw error;
  }
}
