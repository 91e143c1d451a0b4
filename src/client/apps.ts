import { AppService } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";
import type { AppCalls, AppRef, AppStatus, ToggleAppOptions } from "./app-calls.ts";
import { toAppStatus, type WantedState } from "./app-status.ts";
import { startCall, startLongCall } from "./call-context.ts";
import { deployApp } from "./deploy-app.ts";
import { listApps, readAppPage } from "./list-apps.ts";
import { checkListLimit, readPageOptions, toListPage } from "./list-pages.ts";
import { readApp, toAppId, toAskedApp } from "./read-app.ts";
import { type Session, toScope } from "./session.ts";
import { tailAppLogs } from "./tail-app-logs.ts";
import { checkReason, toggleApp } from "./toggle-app.ts";
import { watchApp } from "./watch-app.ts";

const defaultReasons: Readonly<Record<WantedState | "deployed", string>> = {
  active: "Activated by a client of the API.",
  deactivated: "Deactivated by a client of the API.",
  deployed: "Deployed by a client of the API.",
};

/** The calls about apps. */
export function createAppCalls(session: Session): AppCalls {
  const { timeoutMs } = session.options;

  async function toggle(
    ref: AppRef,
    wanted: WantedState,
    options: ToggleAppOptions = {},
  ): Promise<AppStatus> {
    const { wait = false, onStatus } = options;
    const call = wait ? startLongCall(options) : startCall(options, timeoutMs);
    const asked = toAskedApp(session, ref);
    const reason = checkReason(options.reason ?? defaultReasons[wanted]);
    return toggleApp(session, { asked, wanted, reason, wait, onStatus }, call);
  }

  return {
    async get(app, options) {
      const asked = toAskedApp(session, app);
      return toAppStatus(await readApp(session, asked, startCall(options, timeoutMs)), asked);
    },

    async deploy(spec, options = {}) {
      const { wait = false, onStatus } = options;
      const call = wait ? startLongCall(options) : startCall(options, timeoutMs);
      const asked = toAskedApp(session, spec);
      const reason = checkReason(options.reason ?? defaultReasons.deployed);
      return deployApp(session, { spec, asked, reason, wait, onStatus }, call);
    },

    async delete(app, options) {
      const appId = toAppId(toAskedApp(session, app));
      const call = startCall(options, timeoutMs);
      try {
        await session.channel.unary(AppService.method.delete, { appId }, call);
      } catch (error) {
        if (!FlyteError.is(error) || error.code !== "not_found") throw error;
      }
    },

    list(scope, options = {}) {
      checkListLimit(options.limit);
      return listApps(session, toScope(session, scope), options, startLongCall(options));
    },

    async page(scope, options = {}) {
      const asked = readPageOptions(options);
      const listing = { scope: toScope(session, scope), options, ...asked };
      const call = startCall(options, session.options.timeoutMs);
      return toListPage(await readAppPage(session, listing, call), asked.token);
    },

    activate: (app, options) => toggle(app, "active", options),

    deactivate: (app, options) => toggle(app, "deactivated", options),

    watch(app, options) {
      return watchApp(session, toAskedApp(session, app), startLongCall(options));
    },

    logs(app, options = {}) {
      const { replica, follow = true } = options;
      const asked = toAskedApp(session, app);
      return tailAppLogs(session, { asked, replica, follow }, startLongCall(options));
    },
  };
}
