/**
 * The annotation of a run that names the webhook that started it, by its name as an app: control planes have no word
 * of their own for that.
 */
export const webhookAnnotation = "flyte-webhook/webhook";

/** The label of a run that names the hook whose delivery started it. */
export const hookLabel = "flyte-webhook/hook";
