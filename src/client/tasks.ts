import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Filter_Function } from "../idl/identifiers.ts";
import { type Task, TaskService } from "../idl/tasks.ts";
import { type CallContext, startCall } from "./call-context.ts";
import type { Scope, TaskCalls, TaskSummary } from "./control-plane.ts";
import { findTask } from "./find-task.ts";
import {
  listPages,
  newestFirst,
  type Page,
  type PageAsked,
  readPageOptions,
  toListPage,
} from "./list-pages.ts";
import { type Session, toProjectId, toScope } from "./session.ts";
import type { TaskCache } from "./task-cache.ts";
import { toTaskDetails } from "./task-details.ts";

/** The calls about tasks. */
export function createTaskCalls(session: Session, cache: TaskCache): TaskCalls {
  const { timeoutMs } = session.options;
  return {
    async get(ref, options) {
      const found = findTask(session, cache, ref, startCall(options, timeoutMs));
      return toTaskDetails(found instanceof Promise ? await found : found);
    },

    async list(given, options) {
      const call = startCall(options, timeoutMs);
      const scope = toScope(session, given);
      return listPages(undefined, (limit, token) =>
        readTaskPage(session, { scope, limit, token }, call),
      );
    },

    async page(given, options = {}) {
      const call = startCall(options, timeoutMs);
      const asked = readPageOptions(options);
      const { name } = options;
      const listing = { scope: toScope(session, given), ...asked, ...(name && { name }) };
      return toListPage(await readTaskPage(session, listing, call), asked.token);
    },
  };
}

interface TaskListing extends PageAsked {
  readonly scope: Scope;
  /** A part of the name. */
  readonly name?: string;
}

/** One page of the newest versions of the tasks of a project and domain. */
async function readTaskPage(
  session: Session,
  { scope, limit, token, name }: TaskListing,
  call: CallContext,
): Promise<Page<TaskSummary>> {
  const filter = { field: "name", function: Filter_Function.CONTAINS_CASE_INSENSITIVE };
  const answer = await session.channel.unary(
    TaskService.method.listTasks,
    {
      scopeBy: { case: "projectId", value: toProjectId(session, scope) },
      request: {
        ...newestFirst(limit, token),
        ...(name !== undefined && { filters: [{ ...filter, values: [name] }] }),
      },
    },
    call,
  );
  return { items: answer.tasks.flatMap(toTaskSummary), token: answer.token };
}

function toTaskSummary({ taskId, metadata }: Task): TaskSummary[] {
  if (taskId === undefined) return [];
  const { project, domain, name, version } = taskId;
  const deployedAt = metadata?.deployedAt;
  return [
    {
      project,
      domain,
      name,
      version,
      deployedAt: deployedAt === undefined ? undefined : timestampDate(deployedAt),
    },
  ];
}
