import { Command } from "commander";
import { packageVersion } from "../shared/package-files.ts";
import { addAuditCommands } from "./audit-commands.ts";
import { addImageCommands } from "./image-commands.ts";
import { addObjectCommands } from "./object-commands.ts";
import { addSendCommand } from "./send-command.ts";
import { addServerCommands } from "./server-commands.ts";
import { addWorkCommands } from "./work-commands.ts";

/** The command line, declared. Each command's code is loaded when it is used. */
export function createProgram(): Command {
  const program = new Command("flyte-webhook")
    .description(
      "HTTP in front of Flyte 2: run tasks, watch and abort runs, serve and deploy apps, each caller as themselves.",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    // Else it would take the --version of a command for its own.
    .enablePositionalOptions()
    .commandsGroup("Help:")
    .helpCommand("help [command]", "explain a command")
    .configureHelp({ showGlobalOptions: false })
    .addHelpText("after", programHelp);
  addServerCommands(program);
  addWorkCommands(program);
  addSendCommand(program);
  addImageCommands(program);
  addObjectCommands(program);
  addAuditCommands(program);
  for (const command of allCommands(program)) {
    command
      .exitOverride()
      .helpOption("-h, --help", "explain this command")
      .showSuggestionAfterError()
      .showHelpAfterError(`(${commandPath(command)} --help explains it)`);
  }
  return program;
}

const programHelp = `
Start here:
  flyte-webhook dev            a control plane, example tasks and the webhook
  flyte-webhook run stats.describe -i 'values=[1,2,3]' --wait
  flyte-webhook COMMAND --help

Without --endpoint, FLYTE_ENDPOINT or a config file, commands talk to the
devbox of this user.

Exit codes:
  0  done                      3  what was named does not exist
  1  the run or app failed     4  denied: no credential or not the right one
  2  wrong usage or value      5  control plane not reached, or too slow`;

/** The command and all below it. */
export function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** The command as it is typed: `flyte-webhook get run`. */
export function commandPath(command: Command): string {
  return command.parent === null
    ? command.name()
    : `${commandPath(command.parent)} ${command.name()}`;
}
