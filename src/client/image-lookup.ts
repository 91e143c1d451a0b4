import type { SelectClusterRequest_Operation } from "../idl/clusters.ts";
import { ImageService } from "../idl/images.ts";
import { FlyteError, type FlyteErrorCode } from "../shared/errors.ts";
import type { CallContext } from "./call-context.ts";
import type { Channel } from "./channel.ts";
import type { Scope } from "./control-plane.ts";
import { type Session, toProjectId } from "./session.ts";

/** `OPERATION_GET_IMAGE`, newer than the generated enum; on the wire enums are open. */
const getImage = 10 as SelectClusterRequest_Operation;

/** Failures that say something about the caller rather than about the image. */
const final: ReadonlySet<FlyteErrorCode> = new Set(["unauthenticated", "permission_denied"]);

/**
 * Where an image is (`ImageService.GetImage`), by its name and tag. Undefined when there is none, and
 * when the control plane cannot tell.
 *
 * @throws FlyteError `unauthenticated` or `permission_denied` when the caller may not know
 */
export async function findImage(
  session: Session,
  name: string,
  scope: Scope,
  call: CallContext,
): Promise<string | undefined> {
  const projectId = toProjectId(session, scope);
  try {
    const channel = await routeToImages(session, projectId, call);
    const { image } = await channel.unary(
      ImageService.method.getImage,
      { id: { name }, organization: session.options.org, projectId },
      call,
    );
    return image?.fqin || undefined;
  } catch (error) {
    if (!FlyteError.is(error) || final.has(error.code)) throw error;
    return undefined;
  }
}

async function routeToImages(
  session: Session,
  projectId: ReturnType<typeof toProjectId>,
  call: CallContext,
): Promise<Channel> {
  try {
    const resource = { case: "projectId" as const, value: projectId };
    return await session.clusters.route({ operation: getImage, resource }, call);
  } catch (error) {
    // Servers older than the operation refuse its number; images are then their own.
    if (FlyteError.is(error) && error.code === "invalid_input") return session.channel;
    throw error;
  }
}
