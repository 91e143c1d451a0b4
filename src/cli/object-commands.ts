import type { Command } from "commander";
import { apiKeyCommands } from "./api-key-commands.ts";
import { addSwitchCommands, appCommands } from "./app-commands.ts";
import { addConnectionOptions, parseCount, taskForms } from "./options.ts";
import { secretCommands } from "./secret-commands.ts";

const group = "Objects:";

/** Declares `get`, `create`, `delete`, `activate` and `deactivate`. */
export function addObjectCommands(program: Command): void {
  const get = program
    .command("get")
    .helpGroup(group)
    .description("show runs, tasks, apps, logs, secrets or API keys");
  const create = program
    .command("create")
    .helpGroup(group)
    .description("create a secret, an API key or a config file");
  const remove = program
    .command("delete")
    .helpGroup(group)
    .description("delete an app, a secret or an API key");
  const verbs = { get, create, remove };
  for (const command of [
    ...getCommands(get),
    ...appCommands(verbs),
    ...secretCommands(verbs),
    ...apiKeyCommands(verbs),
  ]) {
    addConnectionOptions(command);
  }
  addCreateConfig(create);
  addSwitchCommands(program);
}

function getCommands(get: Command): readonly Command[] {
  return [
    get
      .command("run")
      .description("show a run, or list the latest")
      .argument("[name]", "name of the run")
      .option("--io", "with its inputs and outputs")
      .option("--limit <count>", "how many to list", parseCount, 20)
      .action(async (name, options) => (await import("./commands/get.ts")).getRun(name, options)),
    get
      .command("task")
      .description("show a task, or list all")
      .argument("[task]", taskForms)
      .action(async (task, options) => (await import("./commands/get.ts")).getTask(task, options)),
    get
      .command("logs")
      .description("print what a run wrote, and follow it until its end")
      .argument("<run>", "name of the run")
      .option("--attempt <number>", "which attempt (default: the last)", parseCount)
      .action(async (name, options) => (await import("./commands/get.ts")).getLogs(name, options)),
  ];
}

function addCreateConfig(create: Command): void {
  create
    .command("config")
    .description("write the config file that names a control plane")
    .requiredOption("--endpoint <endpoint>", "control plane, such as https://flyte.example.com")
    .option("-p, --project <project>", "project")
    .option("-d, --domain <domain>", "domain")
    .option("--org <org>", "organisation")
    .option("--insecure", "plain HTTP to an endpoint that names no scheme")
    .option("-o, --output <file>", "where to write it (default: ~/.flyte/config.yaml)")
    .option("--force", "overwrite a file that is there")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./commands/create-config.ts")).createConfig(options));
}
