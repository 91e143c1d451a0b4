import type { Command } from "commander";
import { addConnectionOptions, collect, parseDuration, taskForms } from "./options.ts";

const group = "Work:";

/** Declares `deploy`, `run`, `abort` and `whoami`. */
export function addWorkCommands(program: Command): void {
  const deploy = program
    .command("deploy")
    .helpGroup(group)
    .description("register the TypeScript tasks that a file exports")
    .argument("<file>", "a .ts, .js or .mjs file that exports tasks made by defineTask")
    .option("--version <version>", "version of the tasks (default: from the content's hash)")
    .option("--image <image>", "container image that runs the tasks on a cluster")
    .option("--dry-run", "bundle and list, deploy nothing")
    .action(async (file, options) => (await import("./commands/deploy.ts")).deploy(file, options));
  const run = program
    .command("run")
    .helpGroup(group)
    .description("start a run of a deployed task")
    .argument("<task>", taskForms)
    .option("-i, --input <name=value>", "an input; JSON, or else text (repeatable)", collect)
    .option("--inputs <json>", "all inputs as a JSON object; @FILE reads a file, - standard input")
    .option("--name <name>", "name of the run; makes the start safe to repeat")
    .option("--env <name=value>", "environment variable of the run (repeatable)", collect)
    .option("--label <name=value>", "label of the run (repeatable)", collect)
    .option("-w, --wait", "wait for the end and print the outputs")
    .option("--timeout <duration>", "longest wait, such as 90s; the run goes on", parseDuration)
    .addHelpText("after", runHelp)
    .action(async (task, options) => (await import("./commands/run.ts")).run(task, options));
  const abort = program
    .command("abort")
    .helpGroup(group)
    .description("stop a run")
    .argument("<run>", "name of the run")
    .option("--reason <text>", "why; shown with the run", "Aborted from the command line")
    .action(async (name, options) => (await import("./commands/abort.ts")).abort(name, options));
  const whoami = program
    .command("whoami")
    .helpGroup(group)
    .description("show whom the control plane takes you for")
    .action(async (options) => (await import("./commands/get.ts")).whoami(options));
  for (const command of [deploy, run, abort, whoami]) addConnectionOptions(command);
}

const runHelp = `
Examples:
  flyte-webhook run stats.describe -i 'values=[1,2,3]' --wait
  flyte-webhook run production/ml/train.main --inputs @inputs.json --name nightly-1
  echo '{"values": [1]}' | flyte-webhook run stats.describe --inputs - --wait --json

Ctrl-C while waiting ends the wait alone; the run goes on.`;
