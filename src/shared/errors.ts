/** What went wrong, as a closed set. Public and stable; `docs/errors.md` lists each one. */
export type FlyteErrorCode =
  | "invalid_input"
  | "invalid_config"
  | "not_initialized"
  | "unauthenticated"
  | "permission_denied"
  | "not_found"
  | "conflict"
  | "payload_mismatch"
  | "precondition_failed"
  | "exhausted"
  | "unimplemented"
  | "unavailable"
  | "deadline_exceeded"
  | "canceled"
  | "run_failed"
  | "app_failed"
  | "internal";

/** One fault in a value: where it is and which rule it breaks. */
export interface Fault {
  /** Keys and indexes from the root to the faulty value; empty for the root itself. */
  readonly path: readonly (string | number)[];
  /** The rule and the remedy in one sentence, without the path. */
  readonly message: string;
}

export interface FlyteErrorOptions {
  /** What caused it. Kept for logs, never shown to a caller. */
  readonly cause?: unknown;
  /** Every fault found, for `invalid_input`. */
  readonly faults?: readonly Fault[];
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Whether what was asked for may have happened all the same. @default false */
  readonly outcomeUnknown?: boolean;
}

/**
 * The one error this package throws on purpose.
 *
 * Recognise it with {@link FlyteError.is}, which also knows errors thrown by a second loaded copy
 * of the package. `message` names the value, the rule and the remedy and holds no secret.
 */
export class FlyteError extends Error {
  override readonly name = "FlyteError";
  readonly code: FlyteErrorCode;
  readonly faults: readonly Fault[];
  readonly retryAfterMs: number | undefined;
  /** Whether a run may have been started all the same: its answer was lost, or came too late. */
  readonly outcomeUnknown: boolean;

  constructor(code: FlyteErrorCode, message: string, options: FlyteErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.faults = options.faults ?? [];
    this.retryAfterMs = options.retryAfterMs;
    this.outcomeUnknown = options.outcomeUnknown ?? false;
  }

  static is(value: unknown): value is FlyteError {
    return value instanceof Error && value.name === "FlyteError" && "code" in value;
  }
}

/** Prints a fault's path the way a programmer would write it: `values[3].name`. */
export function printPath(path: readonly (string | number)[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** An `invalid_input` error that reports every fault at once. */
export function invalidInput(faults: readonly Fault[]): FlyteError {
  const lines = faults.map(({ path, message }) =>
    path.length === 0 ? message : `${printPath(path)}: ${message}`,
  );
  return new FlyteError("invalid_input", lines.join("; "), { faults });
}
