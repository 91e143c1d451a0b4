import { assertOptions, invalidConfig, show } from "./invalid-config.ts";
import { toDelay } from "./scaling.ts";

export interface TimeoutsOptions {
  /**
   * Longest time for one request, up to an hour: seconds, or a text such as `"90s"`. 0 is the
   * platform's own limit.
   */
  readonly request?: number | string;
}

const hourMs = 3_600_000;

/** @throws FlyteError `invalid_config` for a time below 0 or above an hour */
export class Timeouts {
  readonly requestMs: number | undefined;

  constructor(options: TimeoutsOptions = {}) {
    assertOptions("Timeouts", options, ["request"]);
    this.requestMs = toDelay("The request timeout", options.request);
    if (this.requestMs !== undefined && this.requestMs > hourMs) {
      throw invalidConfig(
        `The request timeout ${show(options.request)} must not be above one hour (3600).`,
      );
    }
  }
}
