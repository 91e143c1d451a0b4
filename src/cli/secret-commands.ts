import { type Command, Option } from "commander";
import { parseCount } from "./parse-argument.ts";

/** Where the commands about objects are added. */
export interface ObjectVerbs {
  readonly get: Command;
  readonly create: Command;
  readonly remove: Command;
}

/** Declares the commands about secrets. */
export function secretCommands({ get, create, remove }: ObjectVerbs): readonly Command[] {
  const commands = [
    create
      .command("secret")
      .description("store a secret for tasks and apps; its value is never shown again")
      .argument("<name>", "name of the secret: letters, digits, dashes and underscores")
      .option(
        "--value <value>",
        "the value; it stays in the history of the shell and shows in the list of processes",
      )
      .option("--from-file <file>", "read the value from a file, byte for byte")
      .addOption(
        new Option("--type <type>", "`image_pull` for the credentials of an image registry")
          .choices(["regular", "image_pull"])
          .default("regular"),
      )
      .option("--update", "replace the value of a secret that exists")
      .addHelpText("after", createSecretHelp)
      .action(async (name, options) =>
        (await import("./commands/secret.ts")).createSecret(name, options),
      ),
    get
      .command("secret")
      .description("show a secret, or list those of a scope (never their values)")
      .argument("[name]", "name of the secret")
      .option("--limit <count>", "how many to list", parseCount, 100)
      .action(async (name, options) =>
        (await import("./commands/secret.ts")).getSecret(name, options),
      ),
    remove
      .command("secret")
      .description("delete a secret")
      .argument("<name>", "name of the secret")
      .option("-y, --yes", "do not ask")
      .action(async (name, options) =>
        (await import("./commands/secret.ts")).deleteSecret(name, options),
      ),
  ];
  for (const command of commands) {
    command.option("--global", "one for all projects: of --domain, or else of every domain");
  }
  return commands;
}

const createSecretHelp = `
Without --value and --from-file the value is asked for and not shown, or read
from standard input where there is no terminal. A line break at its end is a
part of it. The secret is for the tasks and apps of --project and --domain.

Examples:
  flyte-webhook create secret openai-api-key
  printf %s "$TOKEN" | flyte-webhook create secret github-token --global
  flyte-webhook create secret tls-key --from-file key.pem -p ml -d production`;
