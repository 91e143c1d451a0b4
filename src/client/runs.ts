import { RunService } from "../idl/runs.ts";
import { FlyteError } from "../shared/errors.ts";
import { type CallContext, startCall, startLongCall } from "./call-context.ts";
import type { RunCalls, RunStatus } from "./control-plane.ts";
import { listPages, newestFirst } from "./list-pages.ts";
import { readRunStatus, toAskedRun } from "./read-run.ts";
import { readRunIo } from "./read-run-io.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";
import { type Session, toProjectId, toRunId, toScope } from "./session.ts";
import { planRun, startRun } from "./start-run.ts";
import { checkAttempt, tailLogs } from "./tail-logs.ts";
import type { TaskCache } from "./task-cache.ts";
import { watchRun } from "./watch-run.ts";

const defaultListLimit = 100;

/** The calls about runs. */
export function createRunCalls(session: Session, cache: TaskCache): RunCalls {
  const { timeoutMs, consoleUrl } = session.options;
  return {
    async start(task, inputs, options = {}) {
      const call = startCall(options, timeoutMs);
      return startRun(session, cache, { task, inputs, options, call });
    },

    async plan(task, inputs, options = {}) {
      const call = startCall(options, timeoutMs);
      return planRun(session, cache, { task, inputs, options, call });
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
      return listPages(options?.limit ?? defaultListLimit, async (limit, token) => {
        const answer = await session.channel.unary(
          RunService.method.listRuns,
          {
            scopeBy: { case: "projectId", value: toProjectId(session, scope) },
            request: newestFirst(limit, token),
          },
          call,
        );
        const asked = { ...scope, name: "", consoleUrl };
        return {
          items: answer.runs.map(({ action }) => toRunStatus(action, asked)),
          token: answer.token,
        };
      });
    },

    watch(run, options) {
      return watchRun(session, toAskedRun(session, run), startLongCall(options));
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
      return tailLogs(session, toAskedRun(session, run), attempt, startLongCall(options));
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
