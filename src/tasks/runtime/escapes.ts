/** A way out of a job other than its promise. */
export type Escape =
  | { readonly kind: "exit"; readonly exitCode: number }
  | { readonly kind: "error"; readonly error: unknown };

export interface EscapeWatch extends Disposable {
  /** Settles with the first escape; pending when the job ends by its promise. */
  readonly escaped: Promise<Escape>;
  readonly hasEscaped: () => boolean;
}

/**
 * Watches for what can end a job behind its promise's back: a call of `process.exit`, an error
 * that nobody catches, and a promise that never settles because nothing is left to wait for.
 */
export function watchEscapes(): EscapeWatch {
  let escaped = false;
  let resolve: (how: Escape) => void = () => undefined;
  const promise = new Promise<Escape>((done) => {
    resolve = done;
  });
  const leave = (how: Escape) => {
    escaped = true;
    resolve(how);
  };
  const onError = (error: unknown) => leave({ kind: "error", error });
  const onIdle = () =>
    onError(
      new Error("The task's promise never settled, and nothing is left that could settle it."),
    );
  const exit = process.exit;
  process.exit = ((code) => {
    leave({ kind: "exit", exitCode: toExitCode(code ?? process.exitCode) });
    throw new Error("process.exit was called");
  }) as typeof process.exit;
  process.on("uncaughtException", onError);
  process.on("beforeExit", onIdle);
  return {
    escaped: promise,
    hasEscaped: () => escaped,
    [Symbol.dispose]() {
      process.exit = exit;
      process.off("uncaughtException", onError);
      process.off("beforeExit", onIdle);
    },
  };
}

/** An exit code as the operating system will report it. */
export function toExitCode(code: string | number | null | undefined): number {
  const number = Number(code ?? 0);
  return Number.isInteger(number) ? number & 0xff : 1;
}
