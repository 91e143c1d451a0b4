import { packageVersion } from "../../shared/package-files.ts";

/** Names the image that apps run in unless they name one. */
const variable = "FLYTE_WEBHOOK_IMAGE";

/**
 * The image that apps run in unless they name one: Node.js and this package. It is what the environment
 * variable `FLYTE_WEBHOOK_IMAGE` names, else `flyte-webhook:VERSION`. That name has no registry: build
 * the package's Dockerfile, push it to where the cluster pulls from, and name it there.
 */
export function webhookImage(): string {
  return process.env[variable] || `flyte-webhook:${packageVersion()}`;
}

/** Whether nobody has named the image that {@link webhookImage} gives. */
export function isUnnamedWebhookImage(): boolean {
  return !process.env[variable];
}
