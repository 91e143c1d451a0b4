import { FlyteError } from "../../shared/errors.ts";
import { NonRecoverableError } from "../../tasks/task-errors.ts";

/** Why an image was not built, as its code says in one word. */
type BuildFailureCode =
  | "InvalidImage"
  | "UnsupportedLayer"
  | "ContextNotReadable"
  | "BuilderNotAvailable"
  | "ImageBuildFailed";

/** A build that no further attempt can mend. Its message is for who asked for the image. */
export class BuildFailure extends NonRecoverableError {
  constructor(code: BuildFailureCode, message: string, cause?: unknown) {
    super(message, { code, ...(cause !== undefined && { cause }) });
    // The place in this package's code says nothing to its reader.
    Object.defineProperty(this, "stack", { value: `${code}: ${message}` });
  }
}

/** Runs what refuses texts of others; its refusal is the build's failure. */
export function asFailure<Value>(code: BuildFailureCode, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    throw new BuildFailure(code, error.message, error);
  }
}
