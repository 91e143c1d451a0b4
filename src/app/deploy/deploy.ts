import { currentControlPlane } from "../../client/init-current.ts";
import { isCallOfLoadedFile } from "../../shared/app-process.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { servingOrder } from "../serve/serving-order.ts";
import type { DeployedEnvironment } from "./deploy-apps.ts";
import { checkDeployOptions, type DeployOptions } from "./deploy-options.ts";

/**
 * Deploys apps to a control plane, those that they depend on before them: creates them, or gives them
 * a new revision, or leaves them alone when they are so already. Does not wait for them to be active
 * unless `wait` says so.
 *
 * The pre-built webhook is deployed by its options alone, an app of a command by its command. Other
 * apps run in Node.js: the file that makes them is bundled with all it imports and uploaded, unless
 * `inImage` says that their image has it. Control planes whose store only they can read need that.
 *
 * @example
 * const [{ status, change }] = await deploy(env, { version: "v7" });
 *
 * @throws FlyteError `invalid_config` for what cannot be deployed, before anything is; with `wait`
 * `app_failed` with the last lines that the app wrote, `deadline_exceeded` when it takes too long;
 * `precondition_failed` when it is called by a file that is being loaded to serve or deploy its apps
 */
export async function deploy(
  given: AppEnvironment | readonly AppEnvironment[],
  options: DeployOptions = {},
): Promise<readonly DeployedEnvironment[]> {
  if (isCallOfLoadedFile()) throw calledByItself();
  checkDeployOptions(options);
  const controlPlane = options.controlPlane ?? currentControlPlane();
  const environments = servingOrder(isList(given) ? given : [given]);
  const parametersOf = ({ parameters }: AppEnvironment) => parameters;
  // Loaded when it is used: an app that was deployed may import `deploy` too.
  const { deployApps } = await import("./deploy-apps.ts");
  return deployApps({ environments, parametersOf, controlPlane, options });
}

function isList<Item>(given: Item | readonly Item[]): given is readonly Item[] {
  return Array.isArray(given);
}

function calledByItself(): FlyteError {
  return new FlyteError(
    "precondition_failed",
    "deploy was called while the file of the app is loaded to run it: it would deploy itself each time it starts. Call it from another file, which imports the app environment.",
  );
}
