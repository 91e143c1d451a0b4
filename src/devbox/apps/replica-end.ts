import type { ProcessEnd } from "../executor/outcome.ts";
import type { ReplicaAddress, ReplicaEnd } from "./replica-process.ts";

/** All that is known of a replica that ended without being told to. */
export interface EndFacts {
  readonly name: string;
  readonly end: ProcessEnd;
  /** The last lines it wrote. */
  readonly tail: readonly string[];
  /** Whether it had listened. */
  readonly isReady: boolean;
  /** The time it had to listen and did not; undefined when it ended before. */
  readonly lateAfterMs: number | undefined;
  /** The port that its container declares. */
  readonly declaredPort: number | undefined;
  /** Whether nobody had listened on its declared port. */
  readonly isDeclaredFree: boolean;
}

/** What is known of a replica that nobody can connect to. */
export interface DeafFacts {
  readonly name: string;
  readonly address: Pick<ReplicaAddress, "port"> | undefined;
}

const TAIL_CHARACTERS = 2000;

/** What to tell of a replica's end. */
export function describeEnd(facts: EndFacts): ReplicaEnd {
  const { name, end, lateAfterMs } = facts;
  if (end.kind === "not_started") return notStarted(end.command, end.errorCode);
  if (lateAfterMs !== undefined) {
    const message = `Replica ${name} did not listen on the port in PORT within ${lateAfterMs / 1000} s. ${remedy(facts)}${printTail(facts)}`;
    return { substate: "unspecified", message, isFinal: true };
  }
  const when = facts.isReady ? "" : " before it listened on the port in PORT";
  return {
    substate: "crash_loop",
    message: `Replica ${name} ended ${howEnded(end)}${when}.${printTail(facts)}`,
    isFinal: false,
  };
}

/** What to tell of a replica that was ready, lives, and refuses connections. */
export function describeDeaf({ name, address }: DeafFacts): ReplicaEnd {
  const message = `Replica ${name} stopped listening on port ${address?.port} and went on running; it is replaced.`;
  return { substate: "crash_loop", message, isFinal: false };
}

function howEnded({ exitCode, signal }: ProcessEnd & { readonly kind: "exited" }): string {
  if (exitCode !== undefined) return `with exit code ${exitCode}`;
  if (signal !== "SIGKILL") return `with signal ${signal}`;
  return "by SIGKILL, which the devbox did not send (the system kills processes when memory runs out)";
}

function remedy({ declaredPort, isDeclaredFree }: EndFacts): string {
  const listen = "Make the app listen on the port in the environment variable PORT.";
  if (declaredPort === undefined || isDeclaredFree) return listen;
  return `${listen} Its declared port ${declaredPort} was in use by another process.`;
}

function notStarted(command: string, errorCode: string): ReplicaEnd {
  const what =
    errorCode === "ENOENT"
      ? "was not found on the PATH; install it where the devbox runs"
      : `could not be started (${errorCode}); make it an executable file`;
  const message = `The app's command ${JSON.stringify(command)} ${what}, or change the app's command.`;
  return { substate: "crash_loop", message, isFinal: true };
}

function printTail({ tail }: EndFacts): string {
  const text = tail.join("\n").slice(-TAIL_CHARACTERS);
  return text === "" ? "" : ` Its last output:\n${text}`;
}
