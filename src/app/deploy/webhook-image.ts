import { packageVersion } from "../../shared/package-files.ts";

/**
 * The image that apps run in unless they name one: Node.js and this package in the version that
 * deploys them. Push it under this name to where the cluster pulls from, or name another.
 */
export function webhookImage(): string {
  return `flyte-webhook:${packageVersion()}`;
}
