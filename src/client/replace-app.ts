import { type App, AppService } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";
import { toReplacement } from "./app-replacement.ts";
import type { AskedApp } from "./app-status.ts";
import type { CallContext } from "./call-context.ts";
import { readApp } from "./read-app.ts";
import { isRevisionConflict } from "./revision-conflict.ts";
import type { Session } from "./session.ts";

export interface AppReplacing {
  readonly asked: AskedApp;
  readonly wanted: App;
  readonly reason: string;
  /** Why it could not be created. */
  readonly refusal: FlyteError;
}

export interface ReplacedApp {
  readonly change: "updated" | "unchanged";
  readonly before: App;
  /** As the control plane answered it. */
  readonly answered: App | undefined;
}

const mostTries = 3;

/**
 * Brings an app that exists to what is wanted of it. A change that someone else makes between reading
 * and writing is read and replaced, too.
 *
 * @throws FlyteError `conflict`: the refusal, when it was not for an app of this name, or that others
 * keep changing it
 */
export async function replaceApp(
  session: Session,
  { asked, wanted, reason, refusal }: AppReplacing,
  call: CallContext,
): Promise<ReplacedApp> {
  for (let tries = 1; ; tries += 1) {
    const before = await readExisting(session, asked, refusal, call);
    const app = toReplacement(before, wanted);
    if (app === undefined) {
      return { change: tries > 1 ? "updated" : "unchanged", before, answered: before };
    }
    try {
      const answer = await session.channel.unary(AppService.method.update, { app, reason }, call);
      return { change: "updated", before, answered: answer.app };
    } catch (error) {
      if (!isRevisionConflict(error)) throw error;
      if (tries >= mostTries) throw changedMeanwhile(asked, error);
    }
  }
}

async function readExisting(
  session: Session,
  asked: AskedApp,
  refusal: FlyteError,
  call: CallContext,
): Promise<App> {
  try {
    return await readApp(session, asked, call);
  } catch (error) {
    throw FlyteError.is(error) && error.code === "not_found" ? refusal : error;
  }
}

function changedMeanwhile({ name }: AskedApp, cause: unknown): FlyteError {
  return new FlyteError(
    "conflict",
    `App ${name} was changed by someone else at each of ${mostTries} tries to replace it. Deploy it again.`,
    { cause },
  );
}
