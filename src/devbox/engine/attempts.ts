import { setTimeout as delay } from "node:timers/promises";
import type { AttemptError, AttemptLine, AttemptResult, Executor } from "../executor/executor.ts";
import type { SecretMounter } from "../secrets/secret-mounter.ts";
import type { DevboxLogger } from "../server/logger.ts";
import type { ActionRow } from "../store/actions.ts";
import type { Database } from "../store/database.ts";
import { type AttemptRecord, createAttemptRecord } from "./attempt-record.ts";
import type { Changes } from "./changes.ts";
import { type Decision, decide } from "./decide.ts";
import type { LiveLines } from "./live-lines.ts";
import { type Plan, planAttempt } from "./plan-attempt.ts";
import { runWithSecrets } from "./run-with-secrets.ts";

export interface AttemptsOptions {
  readonly database: Database;
  readonly executor: Executor;
  readonly secrets: SecretMounter;
  readonly secretsDir: string;
  readonly log: DevboxLogger;
  readonly changes: Changes;
  readonly lines: LiveLines;
  /** What an attempt calls the control plane with. @default nothing */
  readonly token?: (action: number, attempt: number) => string;
  /** Aborted when the engine closes. */
  readonly closing: AbortSignal;
}

/** Why an attempt was cut off that nobody asked to end. */
export const interrupted: AttemptError = {
  code: "Interrupted",
  message: "The devbox was stopped while the attempt was running.",
  kind: "system",
};

const retryWriteMs = 1_000;

/**
 * Makes the function that runs the next attempt of an action and writes down how it went. It gives what
 * follows, or nothing when the action has ended meanwhile.
 */
export function createAttempts(
  options: AttemptsOptions,
): (row: ActionRow, signal: AbortSignal) => Promise<Decision | undefined> {
  const { database, log, changes, lines, closing, token } = options;

  async function run(row: ActionRow, signal: AbortSignal): Promise<Decision | undefined> {
    const attempt = row.attempts + 1;
    const record = createAttemptRecord({ database, changes, log, row, attempt });
    const plan = planSafely(row, attempt);
    if (plan.kind === "run") record.enter("initializing");
    const result =
      plan.kind === "run"
        ? await execute(row, record, plan, signal)
        : ({ kind: "failed", error: plan.error, retryable: false } as const);
    lines.end(row.id);
    const decision = decideNext(row, result, plan);
    const outputsUri = result.kind === "succeeded" ? result.outputsUri : undefined;
    const isWritten = await persist(() => record.end(decision, outputsUri));
    return isWritten ? decision : undefined;
  }

  /** A task that cannot even be read must not stay queued for ever. */
  function planSafely(row: ActionRow, attempt: number): Plan {
    try {
      return planAttempt(database, row, attempt);
    } catch (error) {
      log.error({ err: error, action: row.id }, "a task could not be read");
      const message = "The devbox could not read the task; its log says why.";
      return { kind: "refused", error: { code: "UnreadableTask", message, kind: "system" } };
    }
  }

  async function execute(
    row: ActionRow,
    record: AttemptRecord,
    { request, secrets }: Plan & { readonly kind: "run" },
    signal: AbortSignal,
  ): Promise<AttemptResult> {
    lines.begin(row.id, request.attempt);
    try {
      const hooks = {
        signal,
        onRunning: () => record.enter("running"),
        onLine: (line: AttemptLine) => lines.push(row.id, line),
      };
      const own = token === undefined ? {} : { token: token(row.id, request.attempt) };
      return await runWithSecrets({ ...request, ...own }, secrets, hooks, options);
    } catch (error) {
      log.error({ err: error, action: row.id }, "the executor failed");
      const message = "The executor failed; the devbox's log says why.";
      return {
        kind: "failed",
        retryable: true,
        error: { code: "ExecutorError", message, kind: "system" },
      };
    }
  }

  function decideNext(row: ActionRow, result: AttemptResult, plan: Plan): Decision {
    // Stopped with the devbox: neither the task nor the machine has failed.
    if (closing.aborted && wasCutOff(result)) return leftForNextStart(row);
    return decide(result, {
      userFailures: row.user_failures,
      systemFailures: row.system_failures,
      maxAttempts: plan.kind === "run" ? plan.maxAttempts : 1,
    });
  }

  /** A full disk may have room again; what cannot be written until the end is left to the next start. */
  async function persist(write: () => Promise<boolean>): Promise<boolean> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (closing.aborted) throw error;
        log.error({ err: error }, "the end of an attempt is not written yet");
        await delay(retryWriteMs, undefined, { signal: closing }).catch(() => undefined);
      }
    }
  }

  return run;
}

function wasCutOff(result: AttemptResult): boolean {
  return result.kind === "aborted" || (result.kind === "failed" && result.error.kind === "system");
}

/** Back to the queue without a failure on anybody's account. */
function leftForNextStart(row: ActionRow): Decision {
  return {
    attemptPhase: "failed",
    phase: "queued",
    userFailures: row.user_failures,
    systemFailures: row.system_failures,
    error: interrupted,
  };
}
