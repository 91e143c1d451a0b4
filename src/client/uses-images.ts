import { ProjectService } from "../idl/projects.ts";
import { FlyteError } from "../shared/errors.ts";
import { imagesLabel } from "../values/project-labels.ts";
import { startCall } from "./call-context.ts";
import type { CallOptions, ControlPlane, Scope } from "./control-plane.ts";
import { toScope } from "./session.ts";
import { sessionOf } from "./session-of.ts";

/** What a control plane answers that tells nothing of its projects, or not to this caller. */
const silent: ReadonlySet<string> = new Set(["not_found", "permission_denied", "unimplemented"]);

/**
 * Whether apps of a control plane run in their images, as they do in clusters. A devbox runs their
 * commands as processes, and says so by a label of its projects.
 */
export async function usesImages(
  controlPlane: ControlPlane,
  scope: Partial<Scope>,
  options: CallOptions = {},
): Promise<boolean> {
  const session = sessionOf(controlPlane);
  const { project } = toScope(session, scope);
  const { org, timeoutMs } = session.options;
  try {
    const { project: found } = await session.channel.unary(
      ProjectService.method.getProject,
      { id: project, org },
      startCall(options, timeoutMs),
    );
    return found?.labels?.values[imagesLabel.name] !== imagesLabel.ignored;
  } catch (error) {
    if (FlyteError.is(error) && silent.has(error.code)) return true;
    throw error;
  }
}
