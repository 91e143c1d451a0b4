import { type App, AppService } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";
import type { AppRef } from "./app-calls.ts";
import type { AppId } from "./app-message.ts";
import { type AskedApp, lastCondition } from "./app-status.ts";
import type { CallContext } from "./call-context.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";

/** An app by name, with the project and domain it is looked for in. */
export function toAskedApp(session: Session, app: AppRef): AskedApp {
  const { org, consoleUrl } = session.options;
  const scope = toScope(session, app);
  return { ...scope, org, name: toIdentifier("existing app name", app.name), consoleUrl };
}

export function toAppId({ org, project, domain, name }: AskedApp): AppId {
  return { org, project, domain, name };
}

/** @throws FlyteError `not_found` when there is no such app */
export async function readApp(session: Session, asked: AskedApp, call: CallContext): Promise<App> {
  const identifier = { case: "appId" as const, value: toAppId(asked) };
  const { app } = await session.channel.unary(AppService.method.get, { identifier }, call);
  if (app !== undefined) return app;
  throw new FlyteError("internal", `The control plane told nothing of app ${asked.name}.`);
}

/** An app with its state: some control planes answer a change without the state it led to. */
export async function readToldApp(
  session: Session,
  asked: AskedApp,
  answered: App | undefined,
  call: CallContext,
): Promise<App> {
  if (answered !== undefined && lastCondition(answered) !== undefined) return answered;
  return readApp(session, asked, call);
}
