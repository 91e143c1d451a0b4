import { ProjectService } from "../idl/projects.ts";
import { TaskService } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import { type AuthMetadata, withoutAuthMetadata } from "./auth-metadata.ts";
import { type CallContext, startCall } from "./call-context.ts";
import type { ControlPlane } from "./control-plane.ts";
import { newestFirst } from "./list-pages.ts";
import { type Session, toProjectId } from "./session.ts";
import { sessionOf } from "./session-of.ts";

export interface CheckPassthroughOptions {
  /** Accepts a control plane that serves calls without a credential. @default false */
  readonly allowAnonymous?: boolean | undefined;
}

/** Longest time for the question, so that a start ends in one way or the other. */
const longestMs = 10_000;

/**
 * Asks the control plane one question without a credential: it has to be reachable, and to refuse.
 * Where it serves whoever asks, every caller would be the same user and no credential be looked at.
 * Any other answer of a server will do: what it says to a caller is the caller's affair.
 *
 * @throws FlyteError `unavailable` when it cannot be reached, and `invalid_config` when it serves
 * calls without a credential, each with the remedy
 */
export async function checkPassthrough(
  controlPlane: ControlPlane,
  { allowAnonymous = false }: CheckPassthroughOptions = {},
): Promise<void> {
  const session = sessionOf(controlPlane);
  const { timeoutMs } = session.options;
  const call = startCall({ timeoutMs: Math.min(timeoutMs, longestMs) }, timeoutMs);
  const auth = await proxyCredential(session, call);
  try {
    await ask(session, { ...call, auth });
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    if (error.code === "unavailable" || error.code === "deadline_exceeded") {
      throw unreachable(controlPlane.endpoint, error);
    }
    return;
  }
  if (!allowAnonymous) throw anonymous(controlPlane.endpoint);
}

/** What a proxy in front asks for lets nobody in behind it. */
async function proxyCredential(session: Session, call: CallContext): Promise<AuthMetadata> {
  const headers = await withoutAuthMetadata(() => session.channel.credential(call));
  return (headers ?? []).filter(([name]) => name === "proxy-authorization");
}

async function ask(session: Session, call: CallContext): Promise<void> {
  const { channel, options } = session;
  const { project, domain, org } = options;
  const request = newestFirst(1);
  if (project === undefined || domain === undefined) {
    await channel.unary(ProjectService.method.listProjects, { limit: 1, org }, call);
    return;
  }
  const value = toProjectId(session, { project, domain });
  const scopeBy = { case: "projectId", value } as const;
  await channel.unary(TaskService.method.listTasks, { scopeBy, request }, call);
}

function unreachable(endpoint: string, cause: FlyteError): FlyteError {
  return new FlyteError(
    "unavailable",
    `The control plane at ${endpoint} does not answer: ${cause.message} Start it or correct the endpoint.`,
    { cause },
  );
}

function anonymous(endpoint: string): FlyteError {
  return new FlyteError(
    "invalid_config",
    `The control plane at ${endpoint} accepts calls without a credential, so passing on those of callers would mean nothing. Start the devbox without --allow-anonymous, turn authentication on, or accept it with allowAnonymous: true (--allow-anonymous on the command line).`,
  );
}
