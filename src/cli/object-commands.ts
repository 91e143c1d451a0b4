import { type Command, Option } from "commander";
import { addConnectionOptions, parseCount, parseDuration, taskForms } from "./options.ts";

const group = "Objects:";

/** Declares `get`, `create` and `delete`. */
export function addObjectCommands(program: Command): void {
  const get = program
    .command("get")
    .helpGroup(group)
    .description("show runs, tasks, logs or API keys");
  const create = program
    .command("create")
    .helpGroup(group)
    .description("create an API key or a config file");
  const remove = program.command("delete").helpGroup(group).description("delete an API key");
  for (const command of [...getCommands(get), createApiKey(create), deleteApiKey(remove)]) {
    addConnectionOptions(command);
  }
  addCreateConfig(create);
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
    get
      .command("api-key")
      .description("list the API keys of a devbox (never the keys themselves)")
      .action(async (options) => (await import("./commands/api-key.ts")).listApiKeys(options)),
  ];
}

function createApiKey(create: Command): Command {
  return create
    .command("api-key")
    .description("create an API key on a devbox and print it, once")
    .argument("<name>", "what the key is for")
    .option("--for <user>", "whom the key speaks for (default: --user)")
    .addOption(
      new Option("--role <role>", "creates the user --for with this role everywhere").choices([
        "viewer",
        "contributor",
        "deployer",
        "admin",
      ]),
    )
    .option("--expires-in <duration>", "how long it is valid, such as 90d", parseDuration)
    .addHelpText("after", createApiKeyHelp)
    .action(async (name, options) =>
      (await import("./commands/api-key.ts")).createApiKey(name, options),
    );
}

const createApiKeyHelp = `
Examples:
  flyte-webhook create api-key laptop
  flyte-webhook create api-key ci --for ci-bot --role contributor --expires-in 90d
  eval "$(flyte-webhook create api-key shell)"`;

function deleteApiKey(remove: Command): Command {
  return remove
    .command("api-key")
    .description("revoke an API key of a devbox at once")
    .argument("<id>", "the key's id, as `get api-key` lists it")
    .action(async (id, options) =>
      (await import("./commands/api-key.ts")).deleteApiKey(id, options),
    );
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
