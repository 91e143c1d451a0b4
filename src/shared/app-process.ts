/**
 * A process that loads the files of others in order to run or deploy what they make. There, `serve`
 * and `deploy` at the top level of a file do nothing: else an app would start itself again and again.
 */
export interface AppProcess {
  /** Every app environment that was made since, in that order. */
  readonly declared: object[];
  /** The app that this process runs, once it is known. */
  app: { readonly name: string; readonly endpoint: string } | undefined;
  /** Whether the next call is that of whoever loads the file. */
  admitsNext: boolean;
}

/** Known to every copy of the package: the command and the file that it loads have one each. */
const key = Symbol.for("flyte-webhook.app-process");
const holder = globalThis as { [key]?: AppProcess };

/** Undefined in a process that is a program of its own. */
export function appProcess(): AppProcess | undefined {
  return holder[key];
}

/** From now on this process loads files of others. */
export function becomeAppProcess(): AppProcess {
  holder[key] ??= { declared: [], app: undefined, admitsNext: false };
  return holder[key];
}

/** Makes the next call of `serve` or `deploy` count, in a process that has loaded files of others. */
export function admitNextCall(): void {
  becomeAppProcess().admitsNext = true;
}

/** Whether a call comes from a file that is loaded, rather than from a program. Asked once per call. */
export function isCallOfLoadedFile(): boolean {
  const process = appProcess();
  if (process === undefined) return false;
  const { admitsNext } = process;
  process.admitsNext = false;
  return !admitsNext;
}
