import type { TriggerName } from "../../idl/triggers.ts";
import type { Authorizer, Caller } from "../auth/caller.ts";
import type { Database } from "../store/database.ts";
import type { ListQuery } from "../store/list-query.ts";
import { findTrigger } from "../store/triggers.ts";
import { readTriggerName } from "./trigger-names.ts";

/**
 * The same query for runs that a trigger started, also after it was deleted; none where there never
 * was such a trigger.
 *
 * @throws ConnectError `permission_denied` without the right to read in the trigger's scope
 */
export function onlyOfTrigger(
  query: ListQuery,
  name: TriggerName,
  caller: Caller,
  { database, authorizer }: { readonly database: Database; readonly authorizer: Authorizer },
): ListQuery {
  const key = readTriggerName(name);
  authorizer.require(caller, "read", key);
  const id = findTrigger(database, key)?.id ?? null;
  return {
    ...query,
    where: `(${query.where}) AND trigger_id = ?`,
    parameters: [...query.parameters, id],
  };
}
