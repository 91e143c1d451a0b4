import { create, fromBinary } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { GetImageResponseSchema, type ImageService } from "../../idl/images.ts";
import type { Literal } from "../../idl/literals.ts";
import { InputsSchema, OutputsSchema } from "../../idl/tasks.ts";
import { FlyteError } from "../../shared/errors.ts";
import { type Authorizer, callerKey } from "../auth/caller.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { findOutputsUri } from "../store/action-events.ts";
import type { ActionRow } from "../store/actions.ts";
import type { Database } from "../store/database.ts";
import { findImage, findUnreadBuilds, type ImageRow, insertImage } from "../store/images.ts";
import type { Scope } from "../store/tasks.ts";
import { required, requiredText, requireProject } from "./scope.ts";

/** What the service works on. */
export interface ImageServiceOptions {
  readonly database: Database;
  readonly authorizer: Authorizer;
  readonly blobs: BlobStore;
}

/**
 * `flyteidl2.imagebuilder.ImageService`: an image is there when a run of the task `build-image` has built it
 * in the project and domain that are asked for. Whoever may read there may know, and nobody else.
 */
export function createImageService(options: ImageServiceOptions): ServiceImpl<typeof ImageService> {
  const { database, authorizer } = options;
  return {
    getImage: async ({ id, projectId }, context) => {
      const asked = required(projectId, "project_id");
      const scope = {
        project: requiredText(asked.name, "project_id.name", 63),
        domain: requiredText(asked.domain, "project_id.domain", 63),
      };
      authorizer.require(context.values.get(callerKey), "read", scope);
      requireProject(database, scope.project);
      const name = requiredText(id?.name, "id.name", 255);
      await readBuilds(scope, options);
      const fqin = findImage(database, scope, name);
      if (fqin !== undefined)
        return create(GetImageResponseSchema, { image: { id: { name }, fqin } });
      throw new FlyteError(
        "not_found",
        `image ${JSON.stringify(name)} was not built in ${scope.project}/${scope.domain}`,
      );
    },
  };
}

/** Takes up the builds that have ended since somebody asked last. */
async function readBuilds(scope: Scope, { database, blobs }: ImageServiceOptions): Promise<void> {
  const builds = findUnreadBuilds(database, scope);
  if (builds.length === 0) return;
  const images = await Promise.all(builds.map((row) => readBuild(row, database, blobs)));
  await database.write(() => {
    for (const image of images) insertImage(database, image);
  });
}

/** A build whose inputs or outputs do not tell an image counts as none. */
async function readBuild(row: ActionRow, database: Database, blobs: BlobStore): Promise<ImageRow> {
  const { id: action_id, project, domain } = row;
  const outputsUri = findOutputsUri(database, action_id);
  const [inputs, outputs] = await Promise.all([
    blobs.read(row.inputs_uri),
    outputsUri === undefined ? undefined : blobs.read(outputsUri),
  ]);
  const given = inputs === undefined ? [] : fromBinary(InputsSchema, inputs).literals;
  const [built] = outputs === undefined ? [] : fromBinary(OutputsSchema, outputs).literals;
  const target = textOf(given.find(({ name }) => name === "target_image")?.value);
  return {
    action_id,
    project,
    domain,
    name: target?.slice(target.lastIndexOf("/") + 1) || null,
    fqin: textOf(built?.value) || null,
  };
}

function textOf(literal: Literal | undefined): string | undefined {
  if (literal?.value.case !== "scalar") return undefined;
  const scalar = literal.value.value.value;
  if (scalar.case !== "primitive") return undefined;
  const { case: kind, value } = scalar.value.value;
  return kind === "stringValue" ? value : undefined;
}
