import { quoteShellWord } from "../../../src/shared/quote-shell-word.ts";
import type { Scope } from "../scope.ts";

/** The options with which a command of `flyte-webhook` acts on a project and domain: `-p flytesnacks -d development`. */
export function toScopeOptions({ project, domain }: Scope): string {
  return `-p ${quoteShellWord(project)} -d ${quoteShellWord(domain)}`;
}
