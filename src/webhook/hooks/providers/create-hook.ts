import type { Hook, HookDecision, HookOptions, RunAs } from "../hook.ts";
import type { HookEvent, HookProvider } from "../provider.ts";

/**
 * A hook of what a user says of it and who sends. Its credential is hidden from those who print it.
 *
 * @param options without those of the provider, which alone knows its secrets
 */
export function createHook<Event extends HookEvent>(
  options: HookOptions<Event>,
  from: HookProvider,
): Hook {
  const { runAs, start, ...shown } = options;
  const hook = {
    ...shown,
    name: options.name ?? from.provider,
    from,
    // The provider makes events of no other type than the one that `start` takes.
    start: start as (event: HookEvent) => HookDecision | Promise<HookDecision>,
  };
  return Object.defineProperty(hook, "runAs", {
    value: runAs,
    enumerable: false,
  }) as typeof hook & { readonly runAs: RunAs };
}
