import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type TaskSpec, TaskSpecSchema } from "../idl/tasks.ts";
import type { Task } from "./define-task.ts";
import { toDefaultInputs, toTypedInterface } from "./task-interface.ts";
import { toWireSecrets } from "./wire-secrets.ts";

/** Where a task is deployed and how its process is started. */
export interface TaskSpecOptions {
  /** @default "" */
  readonly org?: string;
  readonly project: string;
  readonly domain: string;
  readonly version: string;
  /** URI of the bundle made by `bundleTasks`. */
  readonly bundleUri: string;
  /** Image whose `flyte-task` runs the task on a cluster. @default "" */
  readonly image?: string;
  /** Version of this package, noted for readers. @default "" */
  readonly packageVersion?: string;
}

/** The most that `TaskSpec.short_name` may hold. */
const MAX_SHORT_NAME = 63;

/** A task as a control plane registers it (`task.TaskSpec`). */
export function toTaskSpec(task: Task, options: TaskSpecOptions): TaskSpec {
  const { org = "", project, domain, version, bundleUri, image = "" } = options;
  const dot = task.name.lastIndexOf(".");
  const environment = dot > 0 ? task.name.slice(0, dot) : "";
  return create(TaskSpecSchema, {
    shortName: task.name.slice(dot + 1).slice(-MAX_SHORT_NAME),
    environment: { name: environment },
    documentation: {
      shortDescription: task.description.slice(0, 255),
      longDescription: task.description.slice(0, 2048),
    },
    defaultInputs: toDefaultInputs(task.inputs),
    taskTemplate: {
      id: { resourceType: 1, org, project, domain, name: task.name, version },
      type: "typescript",
      interface: toTypedInterface(task),
      metadata: {
        runtime: { flavor: "typescript", version: options.packageVersion ?? "" },
        retries: { retries: task.retries },
        ...(task.timeoutMs === undefined ? {} : { timeout: durationFromMs(task.timeoutMs) }),
        ...(task.cache === undefined
          ? {}
          : { discoverable: true, discoveryVersion: task.cache.version }),
        codeBundleUri: bundleUri,
      },
      // A task that another copy of the package made may be older than secrets.
      ...(task.secrets?.length
        ? { securityContext: { secrets: toWireSecrets(task.secrets) } }
        : {}),
      target: {
        case: "container",
        value: {
          image,
          args: toArguments(task, bundleUri),
          env: Object.entries(task.env).map(([key, value]) => ({ key, value })),
        },
      },
    },
  });
}

function toArguments(task: Task, bundleUri: string): string[] {
  return [
    "flyte-task",
    ...["--bundle", bundleUri],
    ...["--task", task.name],
    ...["--inputs", "{{.input}}"],
    ...["--outputs-path", "{{.outputPrefix}}"],
    ...["--raw-data-path", "{{.rawOutputDataPrefix}}"],
    ...["--run-name", "{{.runName}}"],
    ...["--name", "{{.actionName}}"],
  ];
}
