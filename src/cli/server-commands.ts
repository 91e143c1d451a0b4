import { type Command, Option } from "commander";
import { callbackOptions } from "./callback-options.ts";
import { devboxOptions } from "./devbox-options.ts";
import {
  addConnectionOptions,
  anonymousBackendOption,
  logLevelOption,
  signalUrlOption,
  webhookOptions,
} from "./options.ts";
import { parsePort } from "./parse-argument.ts";

/** Declares `dev`, `devbox` and `serve`. */
export function addServerCommands(program: Command): void {
  const dev = program
    .command("dev")
    .helpGroup("Servers:")
    .description("start the devbox, deploy tasks to it and serve the webhook in front of it")
    .option("--port <port>", "port of the webhook, 0 for a free one", parsePort, 8080)
    .option("--devbox-port <port>", "port of the control plane, 0 for a free one", parsePort, 30080)
    .option("--tasks <file>", "deploy the tasks of this file instead of the examples")
    .option("--no-tasks", "deploy nothing")
    .option("--project <project>", "project of the webhook", "flytesnacks")
    .option("--domain <domain>", "domain of the webhook", "development")
    .addOption(logLevelOption("warn"))
    .addHelpText("after", devHelp)
    .action(async (options) => (await import("./commands/dev.ts")).dev(options));
  const devbox = program
    .command("devbox")
    .helpGroup("Servers:")
    .description("start the embedded Flyte 2 control plane alone")
    .option("--port <port>", "port to listen on, 0 for a free one", parsePort, 30080)
    .option(
      "--webhook <url>",
      "a webhook in front of this devbox that serves the group inspect: the console shows it",
    )
    .addOption(logLevelOption("warn"))
    .action(async (options) => (await import("./commands/devbox.ts")).devbox(options));
  const serve = program
    .command("serve")
    .helpGroup("Servers:")
    .description("serve the webhook in front of a control plane, or an app of your own")
    .argument("[file]", "TypeScript or JavaScript file that exports app environments")
    .argument("[name]", "which one: the name of the app or of the export")
    .addOption(
      new Option("--port <port>", "port to listen on, 0 for a free one; an app has its own")
        .argParser(parsePort)
        .default(8080)
        .env("PORT"),
    )
    .addOption(hostOption().env("FLYTE_APP_HOST"))
    .option("--alone", "serve an app of a file without the apps that it depends on")
    .addOption(
      new Option("--parameters <text>", "parameters of an app of a file, as deploy writes them"),
    )
    .addOption(anonymousBackendOption())
    .addOption(logLevelOption("info"))
    .addHelpText("after", serveHelp)
    .action(async (file, name, options, command) => {
      if (file === undefined) await (await import("./commands/serve.ts")).serve(options);
      else await (await import("./commands/serve-file.ts")).serveFile(file, name, options, command);
    });
  for (const command of [dev, devbox]) command.addOption(hostOption());
  for (const command of [dev, devbox, serve]) {
    command
      .option("--ready-file <file>", "write addresses and keys here as JSON when all is ready")
      .option("--json", "print addresses and keys as one JSON line");
  }
  for (const command of [dev, devbox]) addAll(command, devboxOptions());
  for (const command of [dev, serve]) {
    addAll(command, [...webhookOptions(), signalUrlOption(), ...callbackOptions()]);
  }
  addConnectionOptions(serve);
}

function hostOption(): Option {
  return new Option("--host <address>", "address to listen on").default("127.0.0.1");
}

function addAll(command: Command, options: ReturnType<typeof webhookOptions>): void {
  for (const option of options) command.addOption(option);
}

const devHelp = `
Examples:
  flyte-webhook dev
  flyte-webhook dev --tasks tasks.ts --port 0 --ready-file ready.json
  flyte-webhook dev --state memory --task-allowlist flytesnacks/stats.describe

Without --endpoint-group and --endpoints it serves the groups all and inspect,
with one of them what that names alone. alice is always one of --inspectors.
Without --audit-file and --audit-stdout the audit log is webhook-audit.log in
the state folder.`;

const serveHelp = `
Examples:
  flyte-webhook serve --endpoint https://flyte.example.com -p ml -d production
  flyte-webhook serve --endpoint-group core task --task-allowlist ml/train.main
  flyte-webhook serve app.ts
  flyte-webhook serve app.ts my-webhook --port 0

Each request goes to the control plane with its caller's own credential.`;
