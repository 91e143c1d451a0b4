import { RunService } from "../idl/runs.ts";
import { FlyteError } from "../shared/errors.ts";
import { type CallContext, startCall, startLongCall } from "./call-context.ts";
import type { RunStatus } from "./control-plane.ts";
import { listPages, readPageOptions, toListPage } from "./list-pages.ts";
import { readRunPage } from "./list-runs.ts";
import { prepareRerun } from "./prepare-rerun.ts";
import { readRunStatus, toAskedRun } from "./read-run.ts";
import { readRunIo } from "./read-run-io.ts";
import type { RunCalls } from "./run-calls.ts";
import type { AskedRun } from "./run-status.ts";
import { type Session, toRunId, toScope } from "./session.ts";
import { planPrepared, prepareRun, startPrepared } from "./start-run.ts";
import { checkAttempt, tailLogs } from "./tail-logs.ts";
import type { TaskCache } from "./task-cache.ts";
import { watchRun, watchRunHistory } from "./watch-run.ts";

const defaultListLimit = 100;

/** The calls about runs. */
export function createRunCalls(session: Session, cache: TaskCache): RunCalls {
  const { timeoutMs } = session.options;
  return {
    async start(task, inputs, options = {}) {
      const call = startCall(options, timeoutMs);
      const preparing = prepareRun(session, cache, { task, inputs, options, call });
      const prepared = preparing instanceof Promise ? await preparing : preparing;
      return startPrepared(session, prepared, call);
    },

    async plan(task, inputs, options = {}) {
      const call = startCall(options, timeoutMs);
      const prepared = await prepareRun(session, cache, { task, inputs, options, call });
      return planPrepared(session, prepared, call);
    },

    async rerun(run, inputs = {}, options = {}) {
      const call = startCall(options, timeoutMs);
      const asked = toAskedRun(session, run);
      const prepared = await prepareRerun(session, cache, { asked, inputs, options, call });
      return startPrepared(session, prepared, call);
    },

    async planRerun(run, inputs = {}, options = {}) {
      const call = startCall(options, timeoutMs);
      const asked = toAskedRun(session, run);
      const prepared = await prepareRerun(session, cache, { asked, inputs, options, call });
      return planPrepared(session, prepared, call);
    },

    async get(run, options) {
      return readRunStatus(session, toAskedRun(session, run), startCall(options, timeoutMs));
    },

    async io(run, options) {
      return readRunIo(session, toAskedRun(session, run), startCall(options, timeoutMs));
    },

    async abort(run, reason, options) {
      const call = startCall(options, timeoutMs);
      return abortRun(session, toAskedRun(session, run), reason, call);
    },

    async list(given, options) {
      const call = startCall(options, timeoutMs);
      const scope = toScope(session, given);
      return listPages(options?.limit ?? defaultListLimit, (limit, token) =>
        readRunPage(session, { scope, filter: {}, limit, token }, call),
      );
    },

    async page(given, options = {}) {
      const call = startCall(options, timeoutMs);
      const asked = readPageOptions(options);
      const listing = { scope: toScope(session, given), filter: options, ...asked };
      return toListPage(await readRunPage(session, listing, call), asked.token);
    },

    watch(run, options) {
      return watchRun(session, toAskedRun(session, run), startLongCall(options));
    },

    watchHistory(run, options) {
      return watchRunHistory(session, toAskedRun(session, run), startLongCall(options));
    },

    async wait(run, options) {
      let last: RunStatus | undefined;
      const call = startLongCall(options);
      for await (const status of watchRun(session, toAskedRun(session, run), call)) {
        options?.onStatus?.(status);
        last = status;
      }
      if (last !== undefined) return last;
      throw new FlyteError("internal", `Run ${run.name} ended without telling its state.`);
    },

    logs(run, options) {
      const attempt = checkAttempt(options?.attempt);
      const question = { asked: toAskedRun(session, run), attempt, follow: options?.follow };
      return tailLogs(session, question, startLongCall(options));
    },
  };
}

/** Aborts a run that has not ended. One that has is left alone: control planes would mark it aborted. */
async function abortRun(
  session: Session,
  asked: AskedRun,
  reason: string | undefined,
  call: CallContext,
): Promise<RunStatus> {
  const before = await readRunStatus(session, asked, call);
  if (before.done) return before;
  try {
    await session.channel.unary(
      RunService.method.abortRun,
      {
        runId: toRunId(session, asked, asked.name),
        reason: reason ?? "Aborted by a client of the API.",
      },
      call,
    );
  } catch (error) {
    // It ended and was removed in between; reading it back tells.
    if (!FlyteError.is(error) || error.code !== "not_found") throw error;
  }
  return readRunStatus(session, asked, call);
}
