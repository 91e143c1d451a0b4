import type { App } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";
import { withDesiredState } from "../values/desired-app-state.ts";
import type { AppStatus } from "./app-calls.ts";
import { type AskedApp, isInState, toAppStatus, type WantedState } from "./app-status.ts";
import { startWait } from "./app-wait.ts";
import { type CallContext, withTimeLimit } from "./call-context.ts";
import { changeApp } from "./change-app.ts";
import { readToldApp } from "./read-app.ts";
import type { Session } from "./session.ts";
import { waitForApp } from "./wait-for-app.ts";

export interface AppChange {
  readonly asked: AskedApp;
  readonly wanted: WantedState;
  readonly reason: string;
  readonly wait: boolean;
  readonly onStatus: ((status: AppStatus) => void) | undefined;
}

const longestReason = 100;

/** Switches an app on or off. One that is in the wanted state already, to stay, is left alone. */
export async function toggleApp(
  session: Session,
  { asked, wanted, reason, wait, onStatus }: AppChange,
  call: CallContext,
): Promise<AppStatus> {
  // The wait may last; reading and changing may not.
  const limited = withTimeLimit(call, session.options.timeoutMs);
  const toChanged = (app: App): App | undefined =>
    isInState(app, toAppStatus(app, asked), wanted) ? undefined : withDesiredState(app, wanted);
  const changed = await changeApp(session, { asked, reason, toChanged }, limited);
  const { before, isChanged, answered } = changed;
  if (wait && isChanged) {
    return waitForApp(session, asked, startWait(wanted, before), answered, call, onStatus);
  }
  return toAppStatus(await readToldApp(session, asked, answered, limited), asked);
}

/**
 * @throws FlyteError `invalid_input` for a reason longer than `flyteidl2.app.UpdateRequest` allows
 */
export function checkReason(reason: string): string {
  const length = [...reason].length;
  if (length <= longestReason) return reason;
  throw new FlyteError(
    "invalid_input",
    `reason has ${length} characters; give at most ${longestReason}.`,
  );
}
