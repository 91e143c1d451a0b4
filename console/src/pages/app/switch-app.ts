import { clone } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import {
  type App,
  AppSchema,
  type AppService,
  Spec_DesiredState,
} from "../../../../src/idl/apps.ts";
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

const desiredStates: Readonly<Record<WantedState, Spec_DesiredState>> = {
  // ACTIVE is its newer name, which control planes of before do not know.
  active: Spec_DesiredState.STARTED,
  deactivated: Spec_DesiredState.STOPPED,
};

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
    if (app !== undefined && isInState(app, wanted)) return;
    try {
      await calls.update({ app: withDesiredState(app, wanted), reason });
      return;
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Aborted || tries >= mostTries) throw error;
    }
  }
}

function withDesiredState(app: App | undefined, wanted: WantedState): App {
  const changed = app && clone(AppSchema, app);
  if (changed?.spec === undefined) {
    throw new ConnectError("The control plane told no specification of the app.", Code.Internal);
  }
  changed.spec.desiredState = desiredStates[wanted];
  return changed;
}
