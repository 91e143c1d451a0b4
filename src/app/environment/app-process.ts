import type { AppEnvironment } from "./app-environment.ts";

/**
 * A process that loads the file of an app in order to run or deploy it. There, `serve` and `deploy`
 * at the top level of the file do nothing: else the app would start itself again and again.
 */
export interface AppProcess {
  /** Every environment that was made since, in that order. */
  readonly declared: AppEnvironment[];
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

/** From now on this process loads files of apps. */
export function becomeAppProcess(): AppProcess {
  holder[key] ??= { declared: [], app: undefined, admitsNext: false };
  return holder[key];
}

/** Whether a call comes from a file that is loaded, rather than from a program. Asked once per call. */
export function isCallOfLoadedFile(): boolean {
  const process = appProcess();
  if (process === undefined) return false;
  const { admitsNext } = process;
  process.admitsNext = false;
  return !admitsNext;
}
