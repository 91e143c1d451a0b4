import { create, fromBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  DeployTaskResponseSchema,
  GetTaskDetailsResponseSchema,
  type ListTasksRequest,
  ListTasksResponseSchema,
  ListVersionsResponseSchema,
  TaskDetailsSchema,
  type TaskMetadata,
  TaskMetadataSchema,
  TaskSchema,
  type TaskService,
} from "../../idl/tasks.ts";
import {
  type TaskTrigger,
  TaskTriggerSpecSchema,
  TriggerAutomationSpecSchema,
} from "../../idl/triggers.ts";
import { type Authorizer, callerKey } from "../auth/caller.ts";
import { toEnrichedIdentity } from "../auth/enriched-identity.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import type { Database } from "../store/database.ts";
import { findUser } from "../store/identities.ts";
import { buildListQuery } from "../store/list-query.ts";
import {
  insertTaskSpec,
  listTasks,
  listVersions,
  type Scope,
  type TaskRow,
  taskColumns,
  taskScopes,
  upsertTask,
  versionColumns,
} from "../store/tasks.ts";
import { type TriggerRow, triggersOfTask } from "../store/triggers.ts";
import { readTaskId, requireTask, toDeployedTask } from "./deployed-task.ts";
import { replaceTriggers } from "./replace-triggers.ts";
import { readableScopes, requireCaller, required, requiredText, requireProject } from "./scope.ts";
import { withInputs } from "./trigger-inputs.ts";
import type { UploadedInputsOptions } from "./uploaded-inputs.ts";

/** What the service works on. */
export interface TaskServiceOptions {
  readonly database: Database;
  readonly authorizer: Authorizer;
  readonly blobs: BlobStore;
  /** Called after triggers were changed. */
  readonly onTriggerChange: () => void;
}

/** `flyteidl2.task.TaskService`. */
export function createTaskService(options: TaskServiceOptions): ServiceImpl<typeof TaskService> {
  const { database, authorizer } = options;
  return {
    deployTask: async (request, context) => {
      const id = readTaskId(request.taskId);
      const caller = authorizer.require(context.values.get(callerKey), "deploy", id);
      requireProject(database, id.project);
      const triggers = await Promise.all(
        request.triggers.map((trigger) => withWholeInputs(trigger, { ...options, caller })),
      );
      const deployed = toDeployedTask({ ...request, triggers });
      const now = Date.now();
      await database.write(() => {
        insertTaskSpec(database, deployed.row.spec_digest, deployed.spec);
        upsertTask(database, {
          ...deployed.row,
          deployed_by: caller.subject,
          created_at: now,
          updated_at: now,
        });
        replaceTriggers(database, deployed.id, deployed.triggers, { by: caller.subject, now });
      });
      if (deployed.triggers.length > 0) options.onTriggerChange();
      return create(DeployTaskResponseSchema);
    },
    getTaskDetails: ({ taskId }, context) => {
      const id = readTaskId(taskId);
      authorizer.require(context.values.get(callerKey), "read", id);
      const { row, spec } = requireTask(database, id);
      return create(GetTaskDetailsResponseSchema, {
        details: create(TaskDetailsSchema, {
          taskId: id,
          metadata: toMetadata(database, row),
          spec,
        }),
      });
    },
    listTasks: (request, context) => {
      const scopes = readableTaskScopes(request, options, context.values.get(callerKey));
      const list = listTasks(database, scopes, toTaskQuery(request));
      return create(ListTasksResponseSchema, {
        tasks: list.rows.map((row) =>
          create(TaskSchema, {
            taskId: idOf(row),
            metadata: toMetadata(database, row),
          }),
        ),
        token: list.token,
        metadata: { total: list.total, filteredTotal: list.filteredTotal },
      });
    },
    listVersions: ({ taskName, request }, context) => {
      const { project, domain, name } = required(taskName, "task_name");
      const id = {
        project: requiredText(project, "task_name.project", 63),
        domain: requiredText(domain, "task_name.domain", 63),
        name: requiredText(name, "task_name.name", 255),
      };
      authorizer.require(context.values.get(callerKey), "read", id);
      const query = buildListQuery({
        request,
        columns: versionColumns,
        defaultOrder: "created_at DESC, id DESC",
        tieBreak: "id DESC",
      });
      const { rows, token } = query.page(listVersions(database, id, query));
      return create(ListVersionsResponseSchema, {
        versions: rows.map((row) => ({
          version: row.version,
          deployedAt: timestampFromMs(row.created_at),
        })),
        token,
      });
    },
  };
}

async function withWholeInputs(
  trigger: TaskTrigger,
  options: UploadedInputsOptions,
): Promise<TaskTrigger> {
  if (trigger.spec === undefined) return trigger;
  return { ...trigger, spec: await withInputs(TaskTriggerSpecSchema, trigger.spec, options) };
}

function toTaskQuery({
  request,
  knownFilters,
}: ListTasksRequest): ReturnType<typeof buildListQuery> {
  const query = buildListQuery({
    request,
    columns: taskColumns,
    defaultOrder: "created_at DESC, id DESC",
    tieBreak: "created_at DESC, id DESC",
  });
  const deployers = knownFilters.flatMap(({ filterBy }) =>
    filterBy.case === "deployedBy" ? [filterBy.value] : [],
  );
  return {
    ...query,
    where: [query.where, ...deployers.map(() => "deployed_by = ?")].join(" AND "),
    parameters: [...query.parameters, ...deployers],
  };
}

/** The one scope that is asked for, or all of those with tasks that the caller may read. */
function readableTaskScopes(
  { scopeBy }: ListTasksRequest,
  { database, authorizer }: TaskServiceOptions,
  given: Parameters<typeof requireCaller>[0],
): readonly Scope[] {
  const caller = requireCaller(given);
  const { name: project, domain } = scopeBy.case === "projectId" ? scopeBy.value : everywhere;
  return readableScopes(authorizer, caller, { project, domain }, () => taskScopes(database));
}

const everywhere = { name: "", domain: "" };

function idOf(row: TaskRow): Pick<TaskRow, "project" | "domain" | "name" | "version"> {
  return { project: row.project, domain: row.domain, name: row.name, version: row.version };
}

/** Of one trigger its name and schedule, of several how many there are. */
function toTriggersSummary(triggers: readonly TriggerRow[]) {
  const [first, ...others] = triggers;
  if (first !== undefined && others.length === 0) {
    const automationSpec = fromBinary(TriggerAutomationSpecSchema, first.automation);
    const value = { name: first.name, active: first.active === 1, automationSpec };
    return { summary: { case: "details", value } } as const;
  }
  const active = triggers.filter((trigger) => trigger.active === 1).length;
  return { summary: { case: "stats", value: { total: triggers.length, active } } } as const;
}

function toMetadata(database: Database, row: TaskRow): TaskMetadata {
  const deployer = findUser(database, row.deployed_by);
  return create(TaskMetadataSchema, {
    ...(deployer === undefined ? {} : { deployedBy: toEnrichedIdentity(deployer) }),
    shortName: row.function_name,
    deployedAt: timestampFromMs(row.created_at),
    environmentName: row.environment,
    triggersSummary: toTriggersSummary(triggersOfTask(database, { ...row, task_name: row.name })),
    shortDescription: row.short_description,
  });
}
