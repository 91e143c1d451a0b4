import type { App } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";
import { toReplacement } from "./app-replacement.ts";
import type { AskedApp } from "./app-status.ts";
import type { CallContext } from "./call-context.ts";
import { changeApp } from "./change-app.ts";
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
  try {
    const toChanged = (before: App): App | undefined => toReplacement(before, wanted);
    const changed = await changeApp(session, { asked, reason, toChanged }, call);
    const { before, answered, isChanged, tries } = changed;
    return { change: isChanged || tries > 1 ? "updated" : "unchanged", before, answered };
  } catch (error) {
    throw FlyteError.is(error) && error.code === "not_found" ? refusal : error;
  }
}
