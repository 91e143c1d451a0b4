import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { AppService } from "../../../../src/idl/apps.ts";
import { withDesiredState } from "../../../../src/values/desired-app-state.ts";
import { isInState, type WantedState } from "../apps/app-state.ts";

/** What changes an app on the control plane. */
export type AppCalls = Pick<Client<typeof AppService>, "get" | "update">;

export interface AppSwitch {
  readonly project: string;
  readonly domain: string;
  readonly name: string;
  readonly wanted: WantedState;
  /** At most 100 characters (`flyteidl2.app.UpdateRequest`). */
  readonly reason: string;
}

const mostTries = 3;

/**
 * Switches an app on or off as Flyte's SDK does: what was read goes back with its desired state changed,
 * down to the fields this console does not know. When others change it in between, both are done again.
 * An app that is in the wanted state to stay is left alone.
 *
 * @throws ConnectError `aborted` when others keep changing it
 */
export async function switchApp(
  calls: AppCalls,
  { project, domain, name, wanted, reason }: AppSwitch,
): Promise<void> {
  const identifier = { case: "appId" as const, value: { project, domain, name } };
  for (let tries = 1; ; tries += 1) {
    const { app } = await calls.get({ identifier });
    if (app === undefined) throw new ConnectError("The control plane told no app.", Code.Internal);
    if (isInState(app, wanted)) return;
    try {
      await calls.update({ app: withDesiredState(app, wanted), reason });
      return;
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Aborted || tries >= mostTries) throw error;
    }
  }
}
