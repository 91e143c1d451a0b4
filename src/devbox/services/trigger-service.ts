import { create, fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import {
  DeleteTriggersResponseSchema,
  DeployTriggerResponseSchema,
  GetTriggerDetailsResponseSchema,
  GetTriggerRevisionDetailsResponseSchema,
  GetTriggerRevisionHistoryResponseSchema,
  ListTriggersResponseSchema,
  TriggerDetailsSchema,
  type TriggerName,
  type TriggerService,
  TriggerSpecSchema,
  UpdateTriggersResponseSchema,
} from "../../idl/triggers.ts";
import { FlyteError } from "../../shared/errors.ts";
import { type Authorizer, type Caller, callerKey, type Permission } from "../auth/caller.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import type { Database } from "../store/database.ts";
import { buildListQuery } from "../store/list-query.ts";
import {
  findTriggerRevision,
  listTriggerRevisions,
  revisionColumns,
} from "../store/trigger-revisions.ts";
import { findTrigger, type TriggerKey, type TriggerRow } from "../store/triggers.ts";
import { type Change, deleteTrigger, deployTrigger, switchTrigger } from "./change-trigger.ts";
import { requireTask } from "./deployed-task.ts";
import { requireTrigger } from "./run-trigger.ts";
import { required, requireProject } from "./scope.ts";
import { withInputs } from "./trigger-inputs.ts";
import { listReadableTriggers } from "./trigger-lists.ts";
import { toTrigger, toTriggerDetails, toTriggerRevision } from "./trigger-messages.ts";
import { readTriggerName } from "./trigger-names.ts";
import { toWantedTrigger } from "./wanted-trigger.ts";

export interface TriggerServiceOptions {
  readonly database: Database;
  readonly authorizer: Authorizer;
  readonly blobs: BlobStore;
  /** To be called after triggers were changed, so that the scheduler looks anew. */
  readonly onChange: () => void;
}

/**
 * `flyteidl2.trigger.TriggerService`. A trigger's runs belong to whoever deployed or switched it last,
 * with the rights they have when it fires.
 */
export function createTriggerService(
  options: TriggerServiceOptions,
): ServiceImpl<typeof TriggerService> {
  const { database, authorizer, onChange } = options;
  const changeOf = ({ subject }: Caller): Change => ({ by: subject, now: Date.now() });

  async function write<Result>(action: () => Result): Promise<Result> {
    const result = await database.write(action);
    onChange();
    return result;
  }

  /** The named triggers, each with the right to change it; those that are not there are left out. */
  function found(names: readonly TriggerName[], permission: Permission, caller?: Caller) {
    return names.flatMap((name) => {
      const key = readTriggerName(name);
      const by = authorizer.require(caller, permission, key);
      const row = findTrigger(database, key);
      return row === undefined || row.deleted_at !== null ? [] : [{ key, by }];
    });
  }

  /** As it is when the write begins. */
  function current(key: TriggerKey): TriggerRow[] {
    const row = findTrigger(database, key);
    return row === undefined || row.deleted_at !== null ? [] : [row];
  }

  return {
    deployTrigger: async ({ name, revision, spec, automationSpec: automation }, context) => {
      const key = readTriggerName(name);
      const caller = authorizer.require(context.values.get(callerKey), "deploy", key);
      requireProject(database, key.project);
      const version = required(spec?.taskVersion, "spec.task_version");
      const { project, domain, task_name } = key;
      const task = requireTask(database, { project, domain, name: task_name, version }).spec;
      const given = required(spec, "spec");
      const whole = await withInputs(TriggerSpecSchema, given, { ...options, caller });
      const wanted = toWantedTrigger({ key, spec: whole, automation, task });
      const row = await write(() => {
        checkRevision(findTrigger(database, key), revision);
        return deployTrigger(database, wanted, changeOf(caller));
      });
      return create(DeployTriggerResponseSchema, { trigger: toTriggerDetails(database, row) });
    },

    getTriggerDetails: ({ name }, context) => {
      authorizer.require(context.values.get(callerKey), "read", readTriggerName(name));
      const row = requireTrigger(database, name);
      return create(GetTriggerDetailsResponseSchema, { trigger: toTriggerDetails(database, row) });
    },

    getTriggerRevisionDetails: ({ id }, context) => {
      const { name, revision } = required(id, "id");
      const key = readTriggerName(name);
      authorizer.require(context.values.get(callerKey), "read", key);
      const row = findTrigger(database, key);
      const found = row && findTriggerRevision(database, row.id, Number(revision));
      if (found === undefined) {
        throw new FlyteError("not_found", `trigger "${key.name}" has no revision ${revision}`);
      }
      const trigger = fromBinary(TriggerDetailsSchema, found.details);
      return create(GetTriggerRevisionDetailsResponseSchema, { trigger });
    },

    listTriggers: (request, context) => {
      const caller = context.values.get(callerKey);
      const { rows, token } = listReadableTriggers(request, caller, options);
      const triggers = rows.map((row) => toTrigger(database, row));
      return create(ListTriggersResponseSchema, { triggers, token });
    },

    getTriggerRevisionHistory: ({ name, request }, context) => {
      const key = readTriggerName(name);
      authorizer.require(context.values.get(callerKey), "read", key);
      const query = buildListQuery({
        request,
        columns: revisionColumns,
        defaultOrder: "revision DESC",
        tieBreak: "revision DESC",
      });
      const row = findTrigger(database, key);
      const all = row === undefined ? [] : listTriggerRevisions(database, row.id, query);
      const { rows, token } = query.page(all);
      const triggers = rows.map((revision) => toTriggerRevision(database, revision));
      return create(GetTriggerRevisionHistoryResponseSchema, { triggers, token });
    },

    updateTriggers: async ({ names, active }, context) => {
      const changed = found(names, "run", context.values.get(callerKey));
      await write(() => {
        for (const { key, by } of changed) {
          for (const row of current(key)) switchTrigger(database, row, active, changeOf(by));
        }
      });
      return create(UpdateTriggersResponseSchema);
    },

    deleteTriggers: async ({ names }, context) => {
      const changed = found(names, "deploy", context.values.get(callerKey));
      await write(() => {
        for (const { key, by } of changed) {
          for (const row of current(key)) deleteTrigger(database, row, changeOf(by));
        }
      });
      return create(DeleteTriggersResponseSchema);
    },
  };
}

function checkRevision(row: TriggerRow | undefined, expected: bigint): void {
  if (expected === 0n || expected === BigInt(row?.revision ?? 0)) return;
  throw new ConnectError(
    `The trigger was changed meanwhile: it has revision ${row?.revision ?? 0}, not ${expected}. Read it again.`,
    Code.Aborted,
  );
}
