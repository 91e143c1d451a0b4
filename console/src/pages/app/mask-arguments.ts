/** Shown in place of what may be secret. */
export const hiddenValue = "••••••";

/** Words that a name ends in whose value nobody should read over a shoulder. */
const secretName = /(?:^|[-_.])(?:key|token|secret|password|passwd|credentials?|auth)$/;

/** Whether the value of a flag, variable or parameter of this name is better not shown. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/^-+/, "")
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "-")
    .toLowerCase();
  return secretName.test(words.replace(/apikey$/, "api-key"));
}

/**
 * Arguments of a command without values that may be secret: those of flags such as `--api-key`, and the
 * password of an address. What refers to a variable stays: it is no secret itself.
 */
export function maskArguments(words: readonly string[]): readonly string[] {
  return words.map((word, index) => {
    const before = words[index - 1] ?? "";
    const isValue = isFlag(before) && !before.includes("=") && !isFlag(word);
    if (isValue && isSecretName(before)) return mask(word);
    const [, flag, value] = /^(-{0,2}[\w.-]+)=(.+)$/s.exec(word) ?? [];
    if (flag !== undefined && value !== undefined && isSecretName(flag)) {
      return `${flag}=${mask(value)}`;
    }
    return word.replaceAll(/(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g, mask);
  });
}

function isFlag(word: string): boolean {
  return /^-{1,2}[A-Za-z]/.test(word);
}

function mask(value: string): string {
  return /^\$(?:\w+|\{\w+\})$/.test(value) ? value : hiddenValue;
}
