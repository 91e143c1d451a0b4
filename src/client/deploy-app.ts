import { create } from "@bufbuild/protobuf";
import { type App, AppSchema, AppService } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";
import type { AppStatus, DeployedApp } from "./app-calls.ts";
import { toAppMessage } from "./app-message.ts";
import type { AppSpec } from "./app-spec.ts";
import { type AskedApp, toAppStatus } from "./app-status.ts";
import { startWait } from "./app-wait.ts";
import { type CallContext, withTimeLimit } from "./call-context.ts";
import { readToldApp, toAppId } from "./read-app.ts";
import { type ReplacedApp, replaceApp } from "./replace-app.ts";
import type { Session } from "./session.ts";
import { waitForApp } from "./wait-for-app.ts";

export interface AppDeployment {
  readonly spec: AppSpec;
  readonly asked: AskedApp;
  readonly reason: string;
  readonly wait: boolean;
  readonly onStatus: ((status: AppStatus) => void) | undefined;
}

type Deployed = ReplacedApp | { readonly change: "created"; readonly answered: App | undefined };

/** Creates an app, or replaces the one of its name. */
export async function deployApp(
  session: Session,
  deployment: AppDeployment,
  call: CallContext,
): Promise<DeployedApp> {
  const { asked, wait, onStatus } = deployment;
  // The wait may last; reading and changing may not.
  const limited = withTimeLimit(call, session.options.timeoutMs);
  const deployed = await createOrReplace(session, deployment, limited);
  const { change, answered } = deployed;
  if (!wait) {
    const told = await readToldApp(session, asked, answered, limited);
    return { status: toAppStatus(told, asked), change };
  }
  // Where nothing was replaced, no earlier state can be mistaken for a later one.
  const isRedeployed = change === "updated";
  const before = isRedeployed ? deployed.before : create(AppSchema);
  const begun = startWait("active", before, { isRedeployed });
  const status = await waitForApp(session, asked, begun, answered, call, onStatus);
  return { status, change };
}

/**
 * Reads first, because some control planes take the creation of an app that exists for its
 * replacement, and do not tell which of the two it was.
 */
async function createOrReplace(
  session: Session,
  { spec, asked, reason }: AppDeployment,
  call: CallContext,
): Promise<Deployed> {
  const wanted = toAppMessage(spec, toAppId(asked));
  const absent = new FlyteError("not_found", `There is no app ${asked.name}.`);
  try {
    return await replaceApp(session, { asked, wanted, reason, refusal: absent }, call);
  } catch (error) {
    if (error !== absent) throw error;
  }
  try {
    // Repeatable: an app that was created by a call whose answer got lost is found by its name.
    const { app } = await session.channel.unary(AppService.method.create, { app: wanted }, call);
    return { change: "created", answered: app };
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "conflict") throw error;
    return replaceApp(session, { asked, wanted, reason, refusal: error }, call);
  }
}
