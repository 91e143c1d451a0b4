import { checkAppName } from "../environment/app-name.ts";
import { assertFlag, assertOptions } from "../environment/invalid-config.ts";

export interface AppEndpointOptions {
  /** Name of the app. */
  readonly appName: string;
  /**
   * Whether it is the public address, rather than the one inside the cluster. The same where apps
   * are served on this machine.
   *
   * @default false
   */
  readonly public?: boolean;
}

/**
 * Where another app is reached, as the value of a {@link Parameter}. It is looked up when the app
 * that has the parameter starts.
 *
 * @throws FlyteError `invalid_config` for what cannot be the name of an app
 */
export class AppEndpoint {
  readonly appName: string;
  readonly public: boolean;

  constructor(options: AppEndpointOptions) {
    assertOptions("AppEndpoint", options, ["appName", "public"]);
    assertFlag("public", options.public);
    this.appName = checkAppName(options.appName);
    this.public = options.public ?? false;
  }
}
