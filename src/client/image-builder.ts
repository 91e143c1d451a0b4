import { CacheLookupScope } from "../idl/runs.ts";
import type { Inputs } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { toInputs } from "../values/task-inputs.ts";
import type { CallContext } from "./call-context.ts";
import type { Scope, StartedRun } from "./control-plane.ts";
import { createOnce } from "./create-once.ts";
import type { NewRun } from "./create-run.ts";
import { findTask } from "./find-task.ts";
import type { BuildOptions } from "./image-calls.ts";
import { toContextArchive } from "./image-context.ts";
import { toImageBytes } from "./image-message.ts";
import type { LoadedImage } from "./image-sources.ts";
import { toTargetImage } from "./image-tag.ts";
import type { Session } from "./session.ts";
import type { TaskCache } from "./task-cache.ts";
import { type KnownTask, toTaskInterface } from "./task-details.ts";
import { uploadFile } from "./upload.ts";

const builderProject = "system";
const builderTask = "build-image";

export interface ImageBuildParts {
  readonly image: LoadedImage;
  /** Where the build runs. */
  readonly scope: Scope;
  /** Whether results of earlier builds are left aside. */
  readonly force: boolean;
  readonly options: BuildOptions;
}

/**
 * Starts the run that builds an image: the builder's specification with the image's as its input.
 * Sent by value, the run needs no right to the builder's project.
 *
 * @throws FlyteError `unimplemented` when the control plane has no builder, or the image a user of its own
 */
export async function startImageBuild(
  session: Session,
  cache: TaskCache,
  { image, scope, force, options }: ImageBuildParts,
  call: CallContext,
): Promise<StartedRun> {
  assertNoUser(image);
  const builder = await findBuilder(session, cache, call);
  const { spec: taskSpec } = builder.details;
  if (taskSpec === undefined) throw unusable(builder);
  const toRun = async (): Promise<NewRun> => ({
    scope,
    task: { case: "taskSpec", value: taskSpec },
    inputs: await uploadBuild(session, builder, { image, scope }, call),
    options,
    cache: { overwrite: force, lookupScope: CacheLookupScope.PROJECT_DOMAIN },
  });
  return createOnce(session, { scope, options, known: builder }, toRun, call);
}

async function uploadBuild(
  session: Session,
  builder: KnownTask,
  { image, scope }: Pick<ImageBuildParts, "image" | "scope">,
  call: CallContext,
): Promise<Inputs> {
  const file = { filename: "spec.pb", bytes: toImageBytes(image) };
  const uri = await uploadFile(session, file, scope, call);
  const context = toContextArchive(image);
  const archive = context && { filename: "context.tar.gz", bytes: context };
  return toBuilderInputs(builder, {
    spec: uri,
    context: archive === undefined ? "" : await uploadFile(session, archive, scope, call),
    target_image: toTargetImage(image),
  });
}

/** Its messages have no place for one: the image would run as somebody else. */
function assertNoUser({ user }: LoadedImage): void {
  if (user === undefined) return;
  throw new FlyteError(
    "unimplemented",
    `Builders of control planes cannot set the user of an image, here ${user}. Build it with Docker (builder "local"), or give the user "root".`,
  );
}

async function findBuilder(
  session: Session,
  cache: TaskCache,
  call: CallContext,
): Promise<KnownTask> {
  const domain = session.options.imageBuilderDomain;
  try {
    const ref = { project: builderProject, domain, name: builderTask };
    return await findTask(session, cache, ref, call);
  } catch (cause) {
    if (!FlyteError.is(cause) || cause.code !== "not_found") throw cause;
    throw new FlyteError(
      "unimplemented",
      `The control plane builds no images: it has no task ${builderTask} in project ${builderProject}, domain ${domain}. ` +
        "Ask its operator to deploy one, or name another domain with FLYTE_IMAGEBUILDER_TASK_DOMAIN.",
      { cause },
    );
  }
}

/** Inputs the builder does not take are its fault and not the caller's. */
function toBuilderInputs(builder: KnownTask, inputs: JsonObject): Inputs {
  try {
    return toInputs(toTaskInterface(builder), inputs);
  } catch (cause) {
    throw unusable(builder, cause);
  }
}

function unusable({ id }: KnownTask, cause?: unknown): FlyteError {
  return new FlyteError(
    "unimplemented",
    `Task ${id.name} of version ${id.version} in project ${id.project}, domain ${id.domain} does not take the inputs spec, context and target_image. Ask the control plane's operator to deploy an image builder of Flyte.`,
    { cause },
  );
}
