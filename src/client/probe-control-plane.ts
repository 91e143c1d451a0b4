import { ProjectService } from "../idl/projects.ts";
import { TaskService } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import { type AuthMetadata, withoutAuthMetadata } from "./auth-metadata.ts";
import { type CallContext, startCall } from "./call-context.ts";
import type { ControlPlane } from "./control-plane.ts";
import { newestFirst } from "./list-pages.ts";
import { type Session, toProjectId } from "./session.ts";
import { sessionOf } from "./session-of.ts";

/** How a control plane takes a question that comes without a credential. */
export type ProbeAnswer =
  /** It was refused, or answered with another error of its own. */
  | "refused"
  /** It was answered by something that is broken, or no control plane. */
  | "failed"
  /** It was answered: whoever asks is served. */
  | "served";

export interface ProbeOptions {
  /** Longest time for the answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether it is asked again when it cannot be reached, as often as any call. @default false */
  readonly insist?: boolean;
}

/**
 * Asks a control plane one question without a credential, to find out whether it can be reached.
 *
 * @throws FlyteError `unavailable` or `deadline_exceeded`
 */
export async function probeControlPlane(
  controlPlane: ControlPlane,
  { timeoutMs, insist = false }: ProbeOptions,
): Promise<ProbeAnswer> {
  const session = sessionOf(controlPlane);
  const call = startCall({ timeoutMs }, timeoutMs);
  const auth = await proxyCredential(session, call);
  try {
    await ask(session, { ...call, auth }, insist);
    return "served";
  } catch (error) {
    if (!FlyteError.is(error) || isNoAnswer(error)) throw error;
    return error.code === "internal" ? "failed" : "refused";
  }
}

function isNoAnswer({ code }: FlyteError): boolean {
  return code === "unavailable" || code === "deadline_exceeded" || code === "canceled";
}

/** What a proxy in front asks for lets nobody in behind it. */
async function proxyCredential(session: Session, call: CallContext): Promise<AuthMetadata> {
  const headers = await withoutAuthMetadata(() => session.channel.credential(call));
  return (headers ?? []).filter(([name]) => name === "proxy-authorization");
}

async function ask(session: Session, call: CallContext, insist: boolean): Promise<void> {
  const { channel, options } = session;
  const repeat = insist ? "repeatable" : "once";
  const { project, domain, org } = options;
  const request = newestFirst(1);
  if (project === undefined || domain === undefined) {
    await channel.unary(ProjectService.method.listProjects, { limit: 1, org }, call, repeat);
    return;
  }
  const value = toProjectId(session, { project, domain });
  const scopeBy = { case: "projectId", value } as const;
  await channel.unary(TaskService.method.listTasks, { scopeBy, request }, call, repeat);
}
