import type { Command } from "commander";
import { apiKeyCommands } from "./api-key-commands.ts";
import { appCommands, switchAppCommand } from "./app-commands.ts";
import { addConnectionOptions, taskForms } from "./options.ts";
import { parseCount } from "./parse-argument.ts";
import { secretCommands } from "./secret-commands.ts";
import { fireTriggerCommand, switchTriggerCommand, triggerCommands } from "./trigger-commands.ts";

const group = "Objects:";

/** Declares `get`, `create`, `delete`, `activate`, `deactivate` and `fire`. */
export function addObjectCommands(program: Command): void {
  const get = program
    .command("get")
    .helpGroup(group)
    .description("show runs, tasks, apps, triggers, logs, secrets or API keys");
  const create = program
    .command("create")
    .helpGroup(group)
    .description("create a trigger, a secret, an API key or a config file");
  const remove = program
    .command("delete")
    .helpGroup(group)
    .description("delete an app, a trigger, a secret or an API key");
  const verbs = { get, create, remove };
  for (const command of [
    ...getCommands(get),
    ...appCommands(verbs),
    ...triggerCommands(verbs),
    ...secretCommands(verbs),
    ...apiKeyCommands(verbs),
    ...switchCommands(program),
  ]) {
    addConnectionOptions(command);
  }
  addCreateConfig(create);
}

function switchCommands(program: Command): readonly Command[] {
  const switches = (["activate", "deactivate"] as const).flatMap((verb) => {
    const parent = program
      .command(verb)
      .helpGroup(group)
      .description(`switch an app or a trigger ${verb === "activate" ? "on" : "off"}`);
    return [switchAppCommand(parent, verb), switchTriggerCommand(parent, verb)];
  });
  const fire = program.command("fire").helpGroup(group).description("start a run of a trigger now");
  return [...switches, fireTriggerCommand(fire)];
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
      .command("condition")
      .description("show what a run waits for a person to say")
      .argument("<run>", "name of the run")
      .argument("[condition]", "its name, or that of its action")
      .action(async (run, condition, options) =>
        (await import("./commands/condition.ts")).getCondition(run, condition, options),
      ),
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
