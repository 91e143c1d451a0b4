import type { StartedRun } from "../../client/control-plane.ts";
import type { HookEvent } from "../hooks/provider.ts";
import type { ResolvedHook } from "../hooks/resolve-hooks.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { noticesOf } from "./add-notices.ts";
import { noticeId } from "./notice-id.ts";

/**
 * Tells whoever caused an event of the end of its run, where the hook does. Never rejects: the run is there, and its
 * delivery is answered all the same.
 */
export async function keepReply(
  options: ResolvedOptions,
  { name: hook, from }: ResolvedHook,
  event: HookEvent,
  { project, domain, name }: StartedRun,
): Promise<void> {
  const url = from.replyTo?.(event);
  const notices = noticesOf(options);
  if (url === undefined || notices === undefined) return;
  const notice = { to: `hook:${hook}`, url, run: { project, domain, name } } as const;
  const words = { hook, run: `${domain}/${project}/${name}` };
  if (notices.isFull) {
    options.logger?.warn(words, "nobody is told of the end of a run: too many replies wait");
    return;
  }
  try {
    await notices.keep({
      id: noticeId(notice),
      ...notice,
      since: event.sentAt?.getTime() ?? Date.now(),
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException)?.code;
    options.logger?.warn({ ...words, code }, "a reply may be lost in a restart");
  }
}
