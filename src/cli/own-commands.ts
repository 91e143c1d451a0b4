import { packageFile, runsFromSource } from "../shared/package-files.ts";

/** What `flyte-task` in a task's arguments stands for on this machine: the runtime of this package. */
export function taskRuntimeCommand(): readonly string[] {
  return ownCommand("tasks/runtime/main");
}

/** What `flyte-app` in an app's container stands for on this machine. */
export function appLauncherCommand(): readonly string[] {
  return ownCommand("app/runtime/main");
}

/** What `flyte-webhook` in an app's container stands for on this machine. */
export function webhookCommand(): readonly string[] {
  return ownCommand("cli");
}

function ownCommand(entry: string): readonly string[] {
  return runsFromSource
    ? [process.execPath, "--import", import.meta.resolve("tsx"), packageFile(`src/${entry}.ts`)]
    : [process.execPath, packageFile(`dist/${entry}.js`)];
}
