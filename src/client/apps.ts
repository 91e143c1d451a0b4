import type { AppCalls, AppRef, AppStatus, ToggleAppOptions } from "./app-calls.ts";
import { toAppStatus, type WantedState } from "./app-status.ts";
import { startCall, startLongCall } from "./call-context.ts";
import { readApp, toAskedApp } from "./read-app.ts";
import type { Session } from "./session.ts";
import { checkReason, toggleApp } from "./toggle-app.ts";
import { watchApp } from "./watch-app.ts";

const defaultReasons: Readonly<Record<WantedState, string>> = {
  active: "Activated by a client of the API.",
  deactivated: "Deactivated by a client of the API.",
};

/** The calls about apps. */
export function createAppCalls(session: Session): AppCalls {
  const { timeoutMs } = session.options;

  async function toggle(
    ref: AppRef,
    wanted: WantedState,
    options: ToggleAppOptions = {},
  ): Promise<AppStatus> {
    const { wait = false } = options;
    const call = wait ? startLongCall(options) : startCall(options, timeoutMs);
    const asked = toAskedApp(session, ref);
    const reason = checkReason(options.reason ?? defaultReasons[wanted]);
    return toggleApp(session, { asked, wanted, reason, wait }, call);
  }

  return {
    async get(app, options) {
      const asked = toAskedApp(session, app);
      return toAppStatus(await readApp(session, asked, startCall(options, timeoutMs)), asked);
    },

    activate: (app, options) => toggle(app, "active", options),

    deactivate: (app, options) => toggle(app, "deactivated", options),

    watch(app, options) {
      return watchApp(session, toAskedApp(session, app), startLongCall(options));
    },
  };
}
