import { withoutAuthMetadata } from "../../client/auth-metadata.ts";
import { within } from "../../shared/within.ts";
import { keepReply } from "../callbacks/keep-reply.ts";
import { logFailure } from "../log-error.ts";
import type { Problem } from "../problem.ts";
import { deny } from "../record/decide.ts";
import type { RequestRecord } from "../record/request-record.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import type { DeliveryOutcome } from "./delivery-outcome.ts";
import type { HookDecision, HookStart } from "./hook.ts";
import type { AskingRequest, HookSite } from "./hook-site.ts";
import type { HookEvent } from "./provider.ts";
import { readDecision } from "./read-decision.ts";
import type { ResolvedHook } from "./resolve-hooks.ts";
import { startForEvent, type TaskOfEvent, taskOfEvent } from "./start-for-event.ts";
import { startProblem } from "./start-problem.ts";

/** How long an answer waits for the name of who acts, in milliseconds. */
const subjectPatienceMs = 500;

/**
 * Asks the mapping of the hook what an event starts, and starts it. Never rejects: it may end after its delivery was
 * answered.
 *
 * @param signal - aborted when the provider waits no longer; ends what has not begun
 */
export async function actOnEvent(
  site: HookSite,
  hook: ResolvedHook,
  request: AskingRequest,
  event: HookEvent,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  let decision: HookDecision;
  try {
    decision = readDecision(await hook.start(event));
    if (decision !== undefined && "task" in decision) {
      const task = taskOfEvent(hook, decision);
      return startTask(site, hook, request, { event, decision, task, signal });
    }
  } catch (error) {
    return mappingFailed(site, hook, request, event, error);
  }
  if (decision === undefined) {
    return { verdict: "ignored", event, reason: "The hook starts nothing for this event." };
  }
  deny(request.record, "mapping");
  return { verdict: "refused", event, reason: decision.refuse };
}

function mappingFailed(
  { options }: HookSite,
  { runAs }: ResolvedHook,
  request: AskingRequest,
  event: HookEvent,
  error: unknown,
): DeliveryOutcome {
  logFailure(options.logger, request, error, "internal", runAs.auth);
  const detail = `This hook failed to say what the event starts. Quote request id ${request.id} to whoever runs it.`;
  return { verdict: "failed", event, problem: { code: "internal", detail } };
}

/** Who cannot be named may still act, or learns why not by the start. */
async function subjectOf({ runAs }: ResolvedHook): Promise<string | undefined> {
  try {
    return (await runAs.who()).subject;
  } catch {
    return undefined;
  }
}

/** Why a hook may not start a task, whatever its mapping says. */
export function guardTaskOfHook(
  { taskAllowed }: Pick<ResolvedOptions, "taskAllowed">,
  record: RequestRecord,
  { domain, project, name }: TaskOfEvent,
): Problem | undefined {
  if (taskAllowed(domain, project, name)) return undefined;
  deny(record, "taskAllowlist");
  const detail = `Task ${domain}/${project}/${name} is not in the allowlist`;
  return { code: "not_allowlisted", detail };
}

interface Chosen {
  readonly event: HookEvent;
  readonly decision: HookStart;
  readonly task: TaskOfEvent;
  readonly signal: AbortSignal;
}

async function startTask(
  { options, underWay }: HookSite,
  hook: ResolvedHook,
  request: AskingRequest,
  { event, decision, task, signal }: Chosen,
): Promise<DeliveryOutcome> {
  const { record, id: requestId } = request;
  const { project, domain, name } = task;
  const target = `task ${domain}/${project}/${name}`;
  record.target = target;
  const failed = (problem: Problem): DeliveryOutcome => ({ verdict: "failed", event, problem });
  const refused = guardTaskOfHook(options, record, task);
  if (refused !== undefined) return failed(refused);
  record.whoActed = () => withoutAuthMetadata(() => hook.runAs.who());
  const subject = subjectOf(hook);
  try {
    const { traceId } = request.record;
    const asked = { hook, options, underWay, event, record, requestId, traceId, signal };
    const started = await startForEvent(asked, task, decision);
    if ("problem" in started) return failed(started.problem);
    const { run, isDuplicate } = started;
    await keepReply(options, hook, event, run);
    const isNamed = await within(subject, subjectPatienceMs);
    return {
      verdict: isDuplicate ? "duplicate" : "started",
      event,
      run,
      subject: isNamed ? await subject : undefined,
    };
  } catch (error) {
    const problem = startProblem(error, target, requestId);
    logFailure(options.logger, request, error, problem.code, hook.runAs.auth);
    return failed(problem);
  }
}
