import { randomUUID } from "node:crypto";
import type { RunDetails } from "../idl/runs.ts";
import { FlyteError } from "../shared/errors.ts";
import type { CallContext } from "./call-context.ts";
import type { RunOptions, RunStatus, Scope, StartedRun } from "./control-plane.ts";
import { createRun, fingerprintLabel, type NewRun } from "./create-run.ts";
import { readRunDetails } from "./read-run.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";
import type { Session } from "./session.ts";
import type { KnownTask } from "./task-details.ts";

/** A run that may be there already. */
export interface SoughtRun {
  /** Where it would live. */
  readonly scope: Scope;
  readonly options: RunOptions;
  /** Its task; undefined leaves that to the fingerprint. */
  readonly known: KnownTask | undefined;
}

/** The annotation that tells one start of a run from another's. */
const startAnnotation = "flyte-webhook/start";

/**
 * Creates a run of a task. One of the name in its options that is already there is returned instead, and is looked
 * for before anything else is judged: a repeated start finds its run whatever has changed since.
 *
 * With a fingerprint the run is read back after it was created: of two who start at once, control planes take one and
 * tell both that it was theirs.
 *
 * @param toRun - the run, once it is known not to be there
 * @throws FlyteError `conflict` when the name is that of a run of another task, `payload_mismatch` when it has
 * another fingerprint; one with `outcomeUnknown` when it could not be found out whether there is a run now
 */
export async function createOnce(
  session: Session,
  sought: SoughtRun,
  toRun: () => NewRun | Promise<NewRun>,
  call: CallContext,
): Promise<StartedRun> {
  const { name, fingerprint, annotations } = sought.options;
  if (name === undefined) {
    const asked = toRun();
    const run = asked instanceof Promise ? await asked : asked;
    return { ...(await createRun(session, run, call)), existed: false };
  }
  const earlier = await findEarlier(session, sought, call);
  if (earlier !== undefined) return { ...earlier.status, existed: true };
  const run = await toRun();
  const id = randomUUID();
  const marked =
    fingerprint === undefined
      ? run
      : {
          ...run,
          options: { ...run.options, annotations: { ...annotations, [startAnnotation]: id } },
        };
  const finished = (found: Found): StartedRun => ({ ...found.status, existed: found.id !== id });
  let created: RunStatus;
  try {
    created = await createRun(session, marked, call);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    if (error.code !== "conflict" && !error.outcomeUnknown) throw error;
    // Someone was faster, or a try of ours got through after all.
    const faster = await readBack(session, sought, call, error);
    if (faster === undefined) throw error;
    return finished(faster);
  }
  if (fingerprint === undefined) return { ...created, existed: false };
  const stored = await readBack(session, sought, call);
  return stored === undefined ? { ...created, existed: false } : finished(stored);
}

interface Found {
  readonly status: RunStatus;
  /** Of the start that it comes from. */
  readonly id: string | undefined;
}

/** Finds out what a start led to. @param error - what it ended with */
async function readBack(
  session: Session,
  sought: SoughtRun,
  call: CallContext,
  error?: FlyteError,
): Promise<Found | undefined> {
  try {
    return await findEarlier(session, sought, call);
  } catch (cause) {
    const { code = "" } = FlyteError.is(cause) ? cause : {};
    if (code === "conflict" || code === "payload_mismatch") throw cause;
    if (error?.code === "conflict" && !error.outcomeUnknown) throw cause;
    if (error !== undefined && error.code !== "conflict") throw error;
    const message = "The run was asked for, but could not be read back.";
    const found = code === "deadline_exceeded" ? code : "unavailable";
    throw new FlyteError(found, message, { cause, outcomeUnknown: true });
  }
}

/** The run of the name that is there already, when it is what is sought. */
export async function findEarlierRun(
  session: Session,
  sought: SoughtRun,
  call: CallContext,
): Promise<RunStatus | undefined> {
  return (await findEarlier(session, sought, call))?.status;
}

async function findEarlier(
  session: Session,
  { scope, options, known }: SoughtRun,
  call: CallContext,
): Promise<Found | undefined> {
  const { name, fingerprint } = options;
  if (name === undefined) return undefined;
  const asked: AskedRun = { ...scope, name, consoleUrl: session.options.consoleUrl };
  let details: RunDetails | undefined;
  try {
    details = await readRunDetails(session, asked, call);
  } catch (error) {
    if (FlyteError.is(error) && error.code === "not_found") return undefined;
    throw error;
  }
  const status = toRunStatus(details?.action, asked);
  const { labels, annotations } = details?.runSpec ?? {};
  const isSame = fingerprint !== undefined && labels?.values[fingerprintLabel] === fingerprint;
  // What was started by its specification may not tell its task.
  if (!isSame && known !== undefined && !isOf(status, known)) throw otherTask(name);
  if (!isSame && fingerprint !== undefined) {
    throw new FlyteError(
      "payload_mismatch",
      `The run '${name}' was started with another payload. Repeat the same one, or choose another name or key.`,
    );
  }
  return { status, id: annotations?.values[startAnnotation] };
}

/** The version may differ: "latest" can have moved on between two tries. */
function isOf({ task }: RunStatus, { id }: KnownTask): boolean {
  return task?.name === id.name && task.project === id.project && task.domain === id.domain;
}

function otherTask(name: string): FlyteError {
  return new FlyteError(
    "conflict",
    `A run with the name '${name}' already exists and is of another task. Choose a different name.`,
  );
}
