import type { TaskDetails as TaskDetailsMessage, TaskIdentifier } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { toJsonSchema } from "../values/json-schema.ts";
import type { TaskInterface } from "../values/task-inputs.ts";
import type { TaskDetails } from "./control-plane.ts";

/** Details with the parts that nothing can be done without. */
export interface KnownTask {
  readonly id: TaskIdentifier;
  readonly details: TaskDetailsMessage;
}

const known = new WeakMap<TaskDetails, KnownTask>();
const shown = new WeakMap<KnownTask, TaskDetails>();

/** The message that `details` was made from; undefined for a copy or an object made by hand. */
export function findKnownTask(details: object): KnownTask | undefined {
  return known.get(details as TaskDetails); // A miss is all that another object can cause.
}

/** @throws FlyteError `internal` when the answer does not say which task it is about */
export function toKnownTask(details: TaskDetailsMessage | undefined): KnownTask {
  if (details?.taskId !== undefined) return { id: details.taskId, details };
  throw new FlyteError(
    "internal",
    "The control plane answered with a task that has no identifier.",
  );
}

/** What decides which inputs a task takes. */
export function toTaskInterface({ details: { spec } }: KnownTask): TaskInterface {
  const signature = spec?.taskTemplate?.interface;
  return { ...(signature && { interface: signature }), defaultInputs: spec?.defaultInputs ?? [] };
}

/** A task as the API shows it: the same frozen object each time it is asked for the same message. */
export function toTaskDetails(task: KnownTask): TaskDetails {
  let details = shown.get(task);
  if (details === undefined) {
    details = makeTaskDetails(task);
    shown.set(task, details);
    known.set(details, task);
  }
  return details;
}

/** Its JSON Schema is made when first looked at. */
function makeTaskDetails(task: KnownTask): TaskDetails {
  const { id, details } = task;
  const template = details.spec?.taskTemplate;
  const defaults = details.spec?.defaultInputs ?? [];
  const defaultInputs = defaults.map(({ name }) => name);
  const withDefault = new Set(defaultInputs);
  let schema: JsonObject | undefined;
  return Object.freeze({
    project: id.project,
    domain: id.domain,
    name: id.name,
    version: id.version,
    taskType: template?.type ?? "",
    requiredInputs: Object.freeze(
      (template?.interface?.inputs?.variables ?? [])
        .map(({ key }) => key)
        .filter((key) => !withDefault.has(key)),
    ),
    defaultInputs: Object.freeze(defaultInputs),
    cache: Object.freeze(toCache(template?.metadata)),
    secrets: Object.freeze((template?.securityContext?.secrets ?? []).map(({ key }) => key)),
    get inputSchema(): JsonObject {
      schema ??= toJsonSchema(template?.interface, defaults);
      return schema;
    },
  });
}

interface CacheMetadata {
  readonly discoverable: boolean;
  readonly discoveryVersion: string;
  readonly cacheSerializable: boolean;
}

function toCache(metadata: CacheMetadata | undefined): TaskDetails["cache"] {
  const version = metadata?.discoveryVersion ?? "";
  const behavior = version === "" ? "auto" : "override";
  return {
    behavior: metadata?.discoverable === true ? behavior : "disable",
    versionOverride: version === "" ? null : version,
    serialize: metadata?.cacheSerializable ?? false,
  };
}
