import { randomBytes } from "node:crypto";
import type { RunOptions, StartedRun } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/json.ts";
import { type Call, givenText } from "../call.ts";
import type { Problem } from "../problem.ts";
import { deny } from "../record/decide.ts";
import type { Start } from "../starting/start.ts";
import { noticesOf } from "./add-notices.ts";
import { callbackUrl } from "./callback-parameter.ts";
import type { Notice, RunPlace } from "./notice.ts";
import { noticeId } from "./notice-id.ts";
import type { RunNotices } from "./run-notices.ts";

/** Whom a request wants to be told of the end of the run that it starts. */
export interface AskedCallback {
  readonly url: string;
  readonly notices: RunNotices;
}

/** The callback that a request asks for, or the problem with it; undefined where it asks for none. */
export function readCallback(
  call: Call,
): AskedCallback | { readonly problem: Problem } | undefined {
  const url = givenText(call, callbackUrl.name);
  if (url === undefined) return undefined;
  const { callbacks } = call.options;
  const notices = noticesOf(call.options);
  if (callbacks === undefined || notices === undefined) {
    const detail =
      "This webhook tells nobody of the end of runs: leave callback_url out, or ask its operator to set the option callbacks. Nothing was started.";
    return { problem: { code: "unimplemented", detail } };
  }
  const message = callbacks.targetFault(url);
  if (message !== undefined) {
    deny(call.record, "callbackTarget");
    const faults = [{ path: [callbackUrl.name], message }];
    const detail = `${callbackUrl.name} ${message}. Nothing was started.`;
    return { problem: { code: "invalid_input", detail, faults } };
  }
  if (notices.isFull) return { problem: notKept("too many callbacks wait for their runs") };
  return { url, notices };
}

/** Where a callback could not be kept, and whether its run was started all the same. */
class NotKept extends Error {
  override readonly name = "NotKept";
  readonly run: StartedRun | undefined;

  constructor(run: StartedRun | undefined, cause: unknown) {
    super("The journal of callbacks cannot be written.", { cause });
    this.run = run;
  }
}

/**
 * A start that keeps its callback on disk before the run is created, under a name that is chosen here where nothing else
 * has: so that no run is created whose callback could be lost, and a callback whose start was interrupted finds its run.
 */
export function withCallback<Run extends StartedRun | undefined>(
  call: Call,
  asked: AskedCallback,
  start: Start<Run>,
): Start<Run> {
  return { ...start, begin: (options) => beginKept(call, asked, start, options) };
}

async function beginKept<Run extends StartedRun | undefined>(
  call: Call,
  { url, notices }: AskedCallback,
  start: Start<Run>,
  given: RunOptions,
): Promise<Run> {
  const options = { ...given, name: given.name ?? `c${randomBytes(14).toString("hex")}` };
  const { project = call.controlPlane.project ?? "", domain = call.controlPlane.domain ?? "" } =
    options;
  const claimed = toNotice(url, { project, domain, name: options.name });
  // A name that the caller has chosen may be that of somebody else's run.
  const isOwnName = givenText(call, "run_name") === undefined;
  try {
    await notices.claim(claimed, isOwnName ? "named" : "claimed");
  } catch (error) {
    throw new NotKept(undefined, error);
  }
  let run: Run;
  try {
    run = await start.begin(options);
  } catch (error) {
    if (FlyteError.is(error) && error.outcomeUnknown) notices.doubt(claimed);
    else notices.withdraw(claimed);
    throw error;
  }
  const kept = run === undefined ? undefined : toNotice(url, run);
  if (kept?.id !== claimed.id) notices.withdraw(claimed);
  if (run === undefined || kept === undefined) return run;
  try {
    await notices.keep(kept);
  } catch (error) {
    throw new NotKept(run, error);
  }
  call.record.callback = kept.id;
  return run;
}

function toNotice(url: string, { project, domain, name }: RunPlace): Notice {
  const told = { to: "callback", url, run: { project, domain, name } } as const;
  return { id: noticeId(told), ...told, since: Date.now() };
}

/** What the answer to a start says of its callback. */
export function callbackMember(call: Call): JsonObject {
  const { callback } = call.record;
  return callback === undefined ? {} : { callback: { id: callback } };
}

/** The answer where a callback could not be kept; undefined for other failures. */
export function callbackProblem(error: unknown): Problem | undefined {
  if (!(error instanceof NotKept)) return undefined;
  const { run } = error;
  return notKept("the journal of callbacks cannot be written", run);
}

function notKept(why: string, run?: StartedRun): Problem {
  const rest =
    run === undefined
      ? "Nothing was started."
      : `Run ${run.name} was started; repeat the request with the same run_name, or nobody may be told of its end.`;
  return {
    code: "overloaded",
    detail: `The callback cannot be kept: ${why}. ${rest}`,
    headers: { "retry-after": "5" },
    ...(run !== undefined && { members: { name: run.name, url: run.url } }),
  };
}
