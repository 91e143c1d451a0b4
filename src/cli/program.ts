import { Command, Option } from "commander";
import {
  connectionOptions,
  devboxOptions,
  parseCount,
  parseDuration,
  parsePort,
  webhookOptions,
} from "./options.ts";
import { packageVersion } from "./package-files.ts";

/** The command line, declared. Each command's code is loaded when it is used. */
export function createProgram(): Command {
  const program = new Command("flyte-webhook")
    .description(
      "HTTP in front of Flyte 2: run tasks, watch and abort runs, each caller as themselves.",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "explain a command")
    .helpCommand("help [command]", "explain a command")
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText("after", programHelp);
  addServers(program);
  addWork(program);
  addObjects(program);
  for (const command of allCommands(program)) {
    command
      .exitOverride()
      .helpOption("-h, --help", "explain this command")
      .showHelpAfterError(`(${commandPath(command)} --help explains it)`);
  }
  return program;
}

const programHelp = `
Start here:
  flyte-webhook dev                                  a control plane, example tasks and the webhook
  flyte-webhook run stats.describe -i 'values=[1,2,3]' --wait

Without --endpoint, FLYTE_ENDPOINT or a config file, commands talk to the devbox of this user.
Exit codes: 0 done, 1 the run failed, 2 wrong usage, 3 not found, 4 denied, 5 unavailable.`;

function addServers(program: Command): void {
  const dev = program
    .command("dev")
    .description("start the devbox, deploy tasks to it and serve the webhook in front of it")
    .option("--port <port>", "port of the webhook, 0 for a free one", parsePort, 8080)
    .option("--devbox-port <port>", "port of the control plane, 0 for a free one", parsePort, 30080)
    .option("--tasks <file>", "deploy the tasks of this file instead of the examples")
    .option("--no-tasks", "deploy nothing")
    .option("--project <project>", "project of the webhook", "flytesnacks")
    .option("--domain <domain>", "domain of the webhook", "development")
    .action(async (options) => (await import("./commands/dev.ts")).dev(options));
  const devbox = program
    .command("devbox")
    .description("start the embedded Flyte 2 control plane alone")
    .option("--port <port>", "port to listen on, 0 for a free one", parsePort, 30080)
    .action(async (options) => (await import("./commands/devbox.ts")).devbox(options));
  const serve = program
    .command("serve")
    .description("serve the webhook in front of a control plane")
    .option("--port <port>", "port to listen on, 0 for a free one", parsePort, 8080)
    .action(async (options) => (await import("./commands/serve.ts")).serve(options));
  for (const option of devboxOptions()) {
    dev.addOption(option);
    devbox.addOption(option);
  }
  for (const option of webhookOptions()) {
    dev.addOption(option);
    serve.addOption(option);
  }
  for (const command of [dev, devbox, serve]) {
    command
      .option("--host <address>", "address to listen on", "127.0.0.1")
      .option("--ready-file <file>", "write addresses and keys here as JSON when all is ready")
      .option("--json", "print addresses and keys as one JSON line");
  }
  addConnection(serve);
}

function addWork(program: Command): void {
  addConnection(
    program
      .command("deploy")
      .description("register the TypeScript tasks that a file exports")
      .argument("<file>", "a .ts, .js or .mjs file that exports tasks made by defineTask")
      .option("--version <version>", "version of the tasks (default: from the content's hash)")
      .option("--image <image>", "container image that runs the tasks on a cluster")
      .option("--dry-run", "bundle and list, deploy nothing")
      .action(async (file, options) =>
        (await import("./commands/deploy.ts")).deploy(file, options),
      ),
  );
  addConnection(
    program
      .command("run")
      .description("start a run of a deployed task")
      .argument(
        "<task>",
        "NAME, PROJECT/NAME or DOMAIN/PROJECT/NAME, with @VERSION for one version",
      )
      .option("-i, --input <name=value>", "an input; JSON, or else text (repeatable)", collect, [])
      .option(
        "--inputs <json>",
        "all inputs as a JSON object; @FILE reads a file, - standard input",
      )
      .option("--name <name>", "name of the run; makes the start safe to repeat")
      .option("--env <name=value>", "environment variable of the run (repeatable)", collect, [])
      .option("--label <name=value>", "label of the run (repeatable)", collect, [])
      .option("-w, --wait", "wait for the end and print the outputs")
      .option(
        "--timeout <duration>",
        "longest wait, such as 90s or 1h (the run goes on)",
        parseDuration,
      )
      .action(async (task, options) => (await import("./commands/run.ts")).run(task, options)),
  );
  addConnection(
    program
      .command("abort")
      .description("stop a run")
      .argument("<run>", "name of the run")
      .option("--reason <text>", "why; shown with the run", "Aborted from the command line")
      .action(async (name, options) => (await import("./commands/abort.ts")).abort(name, options)),
  );
}

function addObjects(program: Command): void {
  const get = program.command("get").description("show runs, tasks, logs or API keys");
  addConnection(
    get
      .command("run")
      .description("show a run, or list the latest")
      .argument("[name]", "name of the run")
      .option("--io", "with its inputs and outputs")
      .option("--limit <count>", "how many to list", parseCount, 20)
      .action(async (name, options) => (await import("./commands/get.ts")).getRun(name, options)),
  );
  addConnection(
    get
      .command("task")
      .description("show a task, or list all")
      .argument(
        "[task]",
        "NAME, PROJECT/NAME or DOMAIN/PROJECT/NAME, with @VERSION for one version",
      )
      .action(async (task, options) => (await import("./commands/get.ts")).getTask(task, options)),
  );
  addConnection(
    get
      .command("logs")
      .description("print what a run wrote, and follow it until its end")
      .argument("<run>", "name of the run")
      .option("--attempt <number>", "which attempt (default: the last)", parseCount)
      .action(async (name, options) => (await import("./commands/get.ts")).getLogs(name, options)),
  );
  addConnection(
    get
      .command("api-key")
      .description("list the API keys of a devbox (never the keys themselves)")
      .action(async (options) => (await import("./commands/api-key.ts")).listApiKeys(options)),
  );
  const create = program.command("create").description("create an API key");
  addConnection(
    create
      .command("api-key")
      .description("create an API key on a devbox and print it, once")
      .argument("<name>", "what the key is for")
      .option("--for <user>", "whom the key speaks for; a new user is created (default: --user)")
      .option("--role <role>", "role of a new user: viewer, contributor or admin")
      .option("--expires-in <duration>", "how long it is valid, such as 90d", parseDuration)
      .action(async (name, options) =>
        (await import("./commands/api-key.ts")).createApiKey(name, options),
      ),
  );
  const remove = program.command("delete").description("delete an API key");
  addConnection(
    remove
      .command("api-key")
      .description("revoke an API key of a devbox at once")
      .argument("<id>", "the key's id, as `get api-key` lists it")
      .action(async (id, options) =>
        (await import("./commands/api-key.ts")).deleteApiKey(id, options),
      ),
  );
  addConnection(
    program
      .command("whoami")
      .description("show whom the control plane takes you for")
      .action(async (options) => (await import("./commands/get.ts")).whoami(options)),
  );
}

function addConnection(command: Command): void {
  for (const option of connectionOptions()) command.addOption(option);
  if (command.options.every(({ long }) => long !== "--json")) {
    command.addOption(new Option("--json", "print JSON"));
  }
}

function collect(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}

function allCommands(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}

function commandPath(command: Command): string {
  return command.parent === null
    ? command.name()
    : `${commandPath(command.parent)} ${command.name()}`;
}
