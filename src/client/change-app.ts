import { type App, AppService } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";
import type { AskedApp } from "./app-status.ts";
import type { CallContext } from "./call-context.ts";
import { readApp } from "./read-app.ts";
import { isRevisionConflict } from "./revision-conflict.ts";
import type { Session } from "./session.ts";

export interface AppChanging {
  readonly asked: AskedApp;
  readonly reason: string;
  /** The app as it is to be, by how it was read; undefined when nothing is to be done. */
  readonly toChanged: (before: App) => App | undefined;
}

export interface ChangedApp {
  readonly before: App;
  /** Whether it was changed here; otherwise it was as it should be. */
  readonly isChanged: boolean;
  /** As the control plane answered the change, else as it was read. */
  readonly answered: App | undefined;
  /** How often it was read. */
  readonly tries: number;
}

const mostTries = 3;

/**
 * Reads an app and changes it. When someone else changes it in between, so that what was read is no
 * longer true, both are done again.
 *
 * @throws FlyteError `conflict` when others keep changing it
 */
export async function changeApp(
  session: Session,
  { asked, reason, toChanged }: AppChanging,
  call: CallContext,
): Promise<ChangedApp> {
  for (let tries = 1; ; tries += 1) {
    const before = await readApp(session, asked, call);
    const app = toChanged(before);
    if (app === undefined) return { before, isChanged: false, answered: before, tries };
    try {
      const answer = await session.channel.unary(AppService.method.update, { app, reason }, call);
      return { before, isChanged: true, answered: answer.app, tries };
    } catch (error) {
      if (!isRevisionConflict(error)) throw error;
      if (tries >= mostTries) throw changedMeanwhile(asked, error);
    }
  }
}

function changedMeanwhile({ name }: AskedApp, cause: unknown): FlyteError {
  return new FlyteError(
    "conflict",
    `App ${name} was changed by someone else at each of ${mostTries} tries to change it. Try again.`,
    { cause },
  );
}
