import { clone, create } from "@bufbuild/protobuf";
import { Secret_MountType, SecretSchema } from "../idl/security.ts";
import {
  type Container,
  Resources_ResourceName,
  ResourcesSchema,
  type TaskSpec,
  TaskSpecSchema,
  TaskTemplateSchema,
} from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import type { TaskOverrides } from "./control-plane.ts";
import type { KnownTask } from "./task-details.ts";

/**
 * The specification of a task with other resources and more secrets. Sent along with a run, it counts
 * for that run alone, which is still one of that task.
 *
 * @throws FlyteError `unimplemented` for a task without a container, where neither has a place
 */
export function overrideTask({ id, details }: KnownTask, overrides: TaskOverrides): TaskSpec {
  const spec = details.spec === undefined ? undefined : clone(TaskSpecSchema, details.spec);
  const template = spec?.taskTemplate;
  if (spec === undefined || template?.target.case !== "container") {
    throw new FlyteError(
      "unimplemented",
      `Task ${id.name} of version ${id.version} has no container, so its resources and secrets cannot be changed for one run. Leave them out.`,
    );
  }
  const { org, project, domain, name, version } = id;
  const made = create(TaskTemplateSchema, {
    id: { resourceType: 1, org, project, domain, name, version },
    securityContext: {},
  });
  template.id = made.id as NonNullable<typeof made.id>; // Made right here.
  const secrets = (overrides.secrets ?? []).map(({ key, envVar }) =>
    create(SecretSchema, { key, envVar, mountRequirement: Secret_MountType.ENV_VAR }),
  );
  template.securityContext ??= made.securityContext as NonNullable<typeof made.securityContext>;
  template.securityContext.secrets.push(...secrets);
  setResources(template.target.value, overrides.resources ?? {});
  return spec;
}

const resourceNames = {
  cpu: Resources_ResourceName.CPU,
  memory: Resources_ResourceName.MEMORY,
  disk: Resources_ResourceName.EPHEMERAL_STORAGE,
} as const;

/** What is asked for is also the most that may be used, as Flyte's SDK has it for a single amount. */
function setResources(container: Container, wanted: NonNullable<TaskOverrides["resources"]>): void {
  const resources = container.resources ?? create(ResourcesSchema);
  for (const key of Object.keys(resourceNames) as readonly (keyof typeof resourceNames)[]) {
    const value = wanted[key];
    if (value === undefined) continue;
    const entry = create(ResourcesSchema, { requests: [{ name: resourceNames[key], value }] });
    for (const list of ["requests", "limits"] as const) {
      const others = resources[list].filter(({ name }) => name !== resourceNames[key]);
      resources[list] = [...others, ...entry.requests];
    }
  }
  container.resources = resources;
}
