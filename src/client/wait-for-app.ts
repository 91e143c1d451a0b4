import type { App } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";
import type { AppStatus } from "./app-calls.ts";
import { type AskedApp, toAppStatus, type WantedState } from "./app-status.ts";
import { type AppWait, judgeState, type Verdict } from "./app-wait.ts";
import type { CallContext } from "./call-context.ts";
import type { Session } from "./session.ts";
import { watchAppReports } from "./watch-app.ts";

/** Twice as long as control planes keep an answer. */
const lateMs = 60_000;

/**
 * Follows an app from what its change was answered with until it is in the wanted state.
 *
 * @throws FlyteError `app_failed`, `not_found` when it is deleted, `deadline_exceeded` naming the
 * last phase told
 */
export async function waitForApp(
  session: Session,
  asked: AskedApp,
  begun: AppWait,
  answered: App | undefined,
  call: CallContext,
  onStatus?: (status: AppStatus) => void,
): Promise<AppStatus> {
  const changedAt = performance.now();
  let wait = begun;
  let last: AppStatus | undefined;
  try {
    if (answered !== undefined) {
      const status = toAppStatus(answered, asked);
      if (judge(answered, status) === "reached") return status;
    }
    for await (const { app, status } of watchAppReports(session, asked, call)) {
      if (app === undefined) throw deleted(asked, wait.wanted);
      if (judge(app, status) === "reached") return status;
    }
  } catch (error) {
    throw FlyteError.is(error) && error.code === "deadline_exceeded"
      ? outOfTime(asked, wait.wanted, last, error)
      : error;
  }
  throw new FlyteError("internal", `The watch of app ${asked.name} ended without an end.`);

  /** @throws FlyteError `app_failed` for a verdict that ends the wait badly */
  function judge(app: App, status: AppStatus): Verdict {
    const judged = judgeState(wait, app, status, performance.now() - changedAt >= lateMs);
    wait = judged.wait;
    last = status;
    onStatus?.(status);
    const { verdict } = judged;
    if (verdict === "failed") throw failed(status, wait.wanted);
    if (verdict === "overruled") throw overruled(status, wait.wanted);
    return verdict;
  }
}

function failed({ name, message }: AppStatus, wanted: WantedState): FlyteError {
  const when = wanted === "active" ? "" : " while it was switched off";
  return new FlyteError("app_failed", `App ${name} failed${when}${message && `: ${message}`}`);
}

function overruled({ name, message }: AppStatus, wanted: WantedState): FlyteError {
  const what =
    wanted === "active"
      ? "was switched off before it became active"
      : "was switched on again before it was off";
  return new FlyteError("app_failed", `App ${name} ${what}${message && `: ${message}`}`);
}

function deleted({ name }: AskedApp, wanted: WantedState): FlyteError {
  return new FlyteError("not_found", `App ${name} was deleted before it was ${wanted}.`);
}

function outOfTime(
  { name }: AskedApp,
  wanted: WantedState,
  last: AppStatus | undefined,
  cause: FlyteError,
): FlyteError {
  const state =
    last === undefined
      ? "nothing was told of it since"
      : `it was last ${last.phase}${last.message && ` (${last.message})`}`;
  const message = `App ${name} was not ${wanted} in time: ${state}. The change itself stands.`;
  return new FlyteError("deadline_exceeded", message, { cause });
}
