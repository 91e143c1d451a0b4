import type { ListTriggersRequest } from "../../idl/triggers.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Authorizer, Caller } from "../auth/caller.ts";
import type { Database } from "../store/database.ts";
import { buildListQuery } from "../store/list-query.ts";
import { listTriggers, type TriggerRow, triggerColumns, triggerScopes } from "../store/triggers.ts";
import { readableScopes, requireCaller } from "./scope.ts";

/**
 * `TriggerService.ListTriggers`: those of an organisation, a project, a task or one version of it that
 * the caller may read, active ones first.
 */
export function listReadableTriggers(
  { scopeBy, request }: ListTriggersRequest,
  caller: Caller | undefined,
  { database, authorizer }: { readonly database: Database; readonly authorizer: Authorizer },
): { readonly rows: readonly TriggerRow[]; readonly token: string } {
  const { scope, task } = readScope(scopeBy);
  const scopes = readableScopes(authorizer, requireCaller(caller), scope, () =>
    triggerScopes(database),
  );
  const query = buildListQuery({
    request,
    columns: triggerColumns,
    defaultOrder: "active DESC, updated_at DESC, id DESC",
    tieBreak: "id DESC",
  });
  return query.page(listTriggers(database, scopes, task, query));
}

function readScope(scopeBy: ListTriggersRequest["scopeBy"]) {
  switch (scopeBy.case) {
    case "org":
      return { scope: { project: "", domain: "" }, task: undefined };
    case "projectId":
      return {
        scope: { project: scopeBy.value.name, domain: scopeBy.value.domain },
        task: undefined,
      };
    case "taskName": {
      const { project, domain, name } = scopeBy.value;
      return { scope: { project, domain }, task: { name, version: "" } };
    }
    case "taskId": {
      const { project, domain, name, version } = scopeBy.value;
      return { scope: { project, domain }, task: { name, version } };
    }
    default:
      throw new FlyteError("invalid_input", "scope_by is required");
  }
}
