import { type App, AppService, type AppWatchResponse } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";
import type { AppStatus } from "./app-calls.ts";
import { type AskedApp, toAppStatus } from "./app-status.ts";
import type { CallContext } from "./call-context.ts";
import { toAppId } from "./read-app.ts";
import type { Session } from "./session.ts";
import { type Told, watchStates } from "./watch-states.ts";

/** What a watch tells: a state, told again with each reconnect, or that the app is gone. */
export type AppReport =
  | { readonly app: App; readonly status: AppStatus }
  | { readonly app: undefined; readonly status: undefined };

const gone: AppReport = { app: undefined, status: undefined };

/** Everything told about an app, until it is deleted. */
export function watchAppReports(
  session: Session,
  asked: AskedApp,
  call: CallContext,
): AsyncGenerator<AppReport, void, undefined> {
  return watchStates(
    {
      title: `app ${asked.name}`,
      subscribe: (limited) =>
        session.channel.stream(
          AppService.method.watch,
          { target: { case: "appId", value: toAppId(asked) } },
          limited,
        ),
      read: (message) => readReport(message, asked),
    },
    call,
  );
}

/** Every change of an app's state, the current one first, until it is deleted. */
export async function* watchApp(
  session: Session,
  asked: AskedApp,
  call: CallContext,
): AsyncGenerator<AppStatus, void, undefined> {
  let seen = "";
  try {
    for await (const { status } of watchAppReports(session, asked, call)) {
      const state = JSON.stringify(status);
      if (status !== undefined && state !== seen) yield status;
      seen = state;
    }
  } catch (error) {
    // It was deleted between two subscriptions.
    if (seen === "" || !FlyteError.is(error) || error.code !== "not_found") throw error;
  }
}

function readReport({ event }: AppWatchResponse, asked: AskedApp): Told<AppReport> | undefined {
  if (event.case === undefined) return undefined;
  const app = event.case === "updateEvent" ? event.value.updatedApp : event.value.app;
  if (app === undefined || !isSame(app, asked)) return undefined;
  if (event.case === "deleteEvent") return { state: gone, isLast: true };
  return { state: { app, status: toAppStatus(app, asked) }, isLast: false };
}

/** Streams carry apps of the same name from other projects as well. */
function isSame(app: App, { org, project, domain, name }: AskedApp): boolean {
  const id = app.metadata?.id;
  if (id === undefined) return false;
  // Control planes of one org may leave it out, and those of many find it out by the credential.
  const isSameOrg = id.org === org || id.org === "" || org === "";
  return isSameOrg && id.project === project && id.domain === domain && id.name === name;
}
