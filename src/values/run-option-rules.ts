/** Labels that tell where a run comes from, which callers cannot set. */
export const ownLabelPrefix = "flyte-webhook/";

/** What texts by name have to be. Each rule answers what is wrong, as words after the name. */
export interface TextMapRules {
  key(key: string): string | undefined;
  value(value: string): string | undefined;
}

/** A name as Kubernetes has it for labels, with a prefix or without. */
const labelKey =
  /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/;

/** Labels of a run, as Kubernetes has them. */
export const labelRules: TextMapRules = {
  key(key) {
    if (key.startsWith(ownLabelPrefix))
      return `is one that only the webhook sets (${ownLabelPrefix}…)`;
    if (labelKey.test(key)) return undefined;
    return "is no name of a label: at most 63 letters, digits, dashes, underscores and dots, a letter or digit first and last";
  },
  value: (value) =>
    labelValue.test(value)
      ? undefined
      : "must have at most 63 letters, digits, dashes, underscores and dots, a letter or digit first and last",
};

/** Environment variables of a run. */
export const envRules: TextMapRules = {
  key: (key) =>
    /^[A-Za-z_]\w{0,255}$/.test(key)
      ? undefined
      : "is no name of an environment variable: letters, digits and underscores, no digit first",
  value: (value) => (value.includes("\0") ? "must not hold a NUL character" : undefined),
};
