/** Settings of a {@link UserError}. */
export interface UserErrorOptions {
  /** Short and stable name of the kind of failure. @default "UserError" */
  readonly code?: string;
  /** Whether another attempt may help. @default true */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * A failure that the task foresees. Its code and message are what readers of the run see. Any
 * other thrown error fails the attempt too, under the error's own name, and may be retried.
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
  readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? "UserError";
    this.retryable = options.retryable ?? true;
  }
}

/** A failure that no further attempt can mend: the run fails at once, retries or not. */
export class NonRecoverableError extends UserError {
  override readonly name: string = "NonRecoverableError";

  constructor(message: string, options: Omit<UserErrorOptions, "retryable"> = {}) {
    super(message, { code: "NonRecoverableError", ...options, retryable: false });
  }
}
