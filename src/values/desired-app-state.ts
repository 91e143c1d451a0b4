import { clone } from "@bufbuild/protobuf";
import { type App, AppSchema, Spec_DesiredState } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";

type Wanted = "active" | "deactivated";

const desiredStates: Readonly<Record<Wanted, Spec_DesiredState>> = {
  // ACTIVE is its newer name, which control planes of before do not know.
  active: Spec_DesiredState.STARTED,
  deactivated: Spec_DesiredState.STOPPED,
};

/**
 * The same app, down to the fields of newer control planes, to be brought into another state.
 *
 * @throws {@link FlyteError} `internal` for an app without a specification
 */
export function withDesiredState(app: App, wanted: Wanted): App {
  if (app.spec === undefined) {
    throw new FlyteError(
      "internal",
      "The control plane told no spec of the app, so that it cannot be changed.",
    );
  }
  const changed = clone(AppSchema, app);
  if (changed.spec !== undefined) changed.spec.desiredState = desiredStates[wanted];
  return changed;
}
