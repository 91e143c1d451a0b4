import { type Command, Option } from "commander";
import {
  addConnectionOptions,
  allowlistOptions,
  anonymousBackendOption,
  collect,
  taskForms,
  webhookOptions,
} from "./options.ts";
import { parseDuration } from "./parse-argument.ts";

const group = "Work:";

/** Declares `deploy`, `run`, `abort`, `signal`, `whoami` and `doctor`. */
export function addWorkCommands(program: Command): void {
  const deploy = program
    .command("deploy")
    .helpGroup(group)
    .description("deploy the tasks and apps that a file exports, or the pre-built webhook")
    .argument("[file]", "TypeScript or JavaScript file that exports tasks and app environments")
    .argument("[name]", "deploy this app alone: the name of the app or of the export")
    .option("--version <version>", "version of the tasks (from the content's hash) and apps")
    .option("--image <image>", "container image that runs it on a cluster")
    .option("--webhook-image <image>", "image of apps that name none (FLYTE_WEBHOOK_IMAGE)")
    .addOption(
      new Option("--builder <builder>", "who builds images of layers: docs/deploy.md explains it")
        .choices(["auto", "remote", "local", "none"])
        .default("auto"),
    )
    .option("--in-image <path>", "the image has the file there; no code of apps is uploaded")
    .option("--env <name=value>", "environment variable of the apps (repeatable)", collect)
    .option("-w, --wait", "wait until the apps are active")
    .option("--timeout <duration>", "longest wait for an app, such as 90s (5m)", parseDuration)
    .option("--dry-run", "bundle and list, deploy nothing")
    .addHelpText("after", deployHelp)
    .action(async (file, name, options, command) => {
      await (await import("./commands/deploy.ts")).deploy(file, name, options, command);
    });
  for (const option of [...webhookOptions(), anonymousBackendOption()]) deploy.addOption(option);
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
  const signal = program
    .command("signal")
    .helpGroup(group)
    .description("answer what a run waits for")
    .argument("<run>", "name of the run")
    .argument("<condition>", "name of the condition, or of its action")
    .argument("<value>", "yes or no, a number or a text, as the condition takes it")
    .addHelpText("after", signalHelp)
    .action(async (run, condition, value, options) =>
      (await import("./commands/condition.ts")).signal(run, condition, value, options),
    );
  const whoami = program
    .command("whoami")
    .helpGroup(group)
    .description("show whom the control plane takes you for")
    .action(async (options) => (await import("./commands/get.ts")).whoami(options));
  const doctor = program
    .command("doctor")
    .helpGroup(group)
    .description("find what could keep a webhook from working, and say how to mend it")
    .argument("[file]", "TypeScript or JavaScript file that exports the webhook")
    .argument("[name]", "which one: the name of the app or of the export")
    .addHelpText("after", doctorHelp)
    .action(async (file, name, options) =>
      (await import("./commands/doctor.ts")).doctor(file, name, options),
    );
  for (const option of [...allowlistOptions(), anonymousBackendOption()]) doctor.addOption(option);
  for (const command of [deploy, run, abort, signal, whoami, doctor]) addConnectionOptions(command);
}

const deployHelp = `
Examples:
  flyte-webhook deploy tasks.ts
  flyte-webhook deploy app.ts my-webhook --wait
  flyte-webhook deploy app.ts --image ghcr.io/me/app:1 --in-image /app/app.ts
  flyte-webhook deploy --name ci-webhook --task-allowlist ml/train.main
  flyte-webhook deploy app.ts --dry-run --json

Without a file it is the pre-built webhook that is deployed, by the options of
the webhook alone. Other apps take their code along; a cluster whose store only
it can read needs it in the image.`;

const doctorHelp = `
Examples:
  flyte-webhook doctor --endpoint https://flyte.example.com -p ml -d production
  flyte-webhook doctor --task-allowlist ml/train.main ml/nightly
  flyte-webhook doctor app.ts

Ends with 1 when there is a problem; warnings alone are no failure.`;

const signalHelp = `
Examples:
  flyte-webhook get condition rdc7x9k2m
  flyte-webhook signal rdc7x9k2m approve yes
  flyte-webhook signal rdc7x9k2m share -- -0.5`;

const runHelp = `
Examples:
  flyte-webhook run stats.describe -i 'values=[1,2,3]' --wait
  flyte-webhook run production/ml/train.main --inputs @inputs.json --name nightly-1
  echo '{"values": [1]}' | flyte-webhook run stats.describe --inputs - --wait --json

Ctrl-C while waiting ends the wait alone; the run goes on.`;
