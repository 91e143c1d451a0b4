import { TriggerRevisionAction, TriggerService } from "../idl/triggers.ts";
import { FlyteError } from "../shared/errors.ts";
import type { CallContext } from "./call-context.ts";
import type { Scope } from "./control-plane.ts";
import { listPages, type Page, type PageAsked } from "./list-pages.ts";
import { toTriggerName } from "./read-trigger.ts";
import { type Session, toProjectId } from "./session.ts";
import type { TriggerRevision, TriggerSummary } from "./trigger-calls.ts";
import { type AskedTrigger, toDate, toSubject, toTriggerSummary } from "./trigger-status.ts";

/** Whose triggers are listed, and how many. */
export interface TriggerListing {
  readonly scope: Scope;
  /** One task, or all of the scope. */
  readonly task: string | undefined;
  readonly limit: number | undefined;
}

/** The triggers of a task or a scope, in the order of the control plane. */
export function listTriggers(
  session: Session,
  { limit: most, ...listing }: TriggerListing,
  call: CallContext,
): Promise<readonly TriggerSummary[]> {
  return listPages(most, (limit, token) =>
    readTriggerPage(session, { ...listing, limit, token }, call),
  );
}

/** One page of {@link listTriggers}. */
export async function readTriggerPage(
  session: Session,
  { scope, task, limit, token }: Omit<TriggerListing, "limit"> & PageAsked,
  call: CallContext,
): Promise<Page<TriggerSummary>> {
  const { org, consoleUrl } = session.options;
  const scopeBy =
    task === undefined
      ? { case: "projectId" as const, value: toProjectId(session, scope) }
      : { case: "taskName" as const, value: { org, ...scope, name: task } };
  const asked = { ...scope, task: task ?? "", name: "", consoleUrl };
  const page = await session.channel.unary(
    TriggerService.method.listTriggers,
    { scopeBy, request: { limit, token } },
    call,
  );
  const items = page.triggers.map((trigger) => toTriggerSummary(trigger, asked));
  return { items, token: page.token };
}

const actions: Readonly<Record<TriggerRevisionAction, TriggerRevision["action"]>> = {
  [TriggerRevisionAction.UNSPECIFIED]: "unspecified",
  [TriggerRevisionAction.DEPLOY]: "deploy",
  [TriggerRevisionAction.ACTIVATE]: "activate",
  [TriggerRevisionAction.DEACTIVATE]: "deactivate",
  [TriggerRevisionAction.DELETE]: "delete",
};

/** What was done to a trigger. @throws FlyteError `not_found` when nothing ever was */
export async function listTriggerRevisions(
  session: Session,
  asked: AskedTrigger,
  most: number | undefined,
  call: CallContext,
): Promise<readonly TriggerRevision[]> {
  const name = toTriggerName(session, asked);
  const found = await listPages(most, async (limit, token) => {
    const page = await session.channel.unary(
      TriggerService.method.getTriggerRevisionHistory,
      { name, request: { limit, token } },
      call,
    );
    const items = page.triggers.map(
      ({ id, action, metadata, createdAt }): TriggerRevision => ({
        revision: Number(id?.revision ?? 0n),
        action: actions[action] ?? "unspecified",
        by: toSubject(metadata?.updatedBy),
        at: toDate(createdAt),
      }),
    );
    return { items, token: page.token };
  });
  if (found.length > 0) return found;
  // A control plane that tells nothing may not know the trigger.
  throw new FlyteError("not_found", `There is no trigger ${asked.name} of task ${asked.task}.`);
}
