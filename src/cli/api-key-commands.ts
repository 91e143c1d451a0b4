import { type Command, Option } from "commander";
import { parseDuration } from "./parse-argument.ts";
import type { ObjectVerbs } from "./secret-commands.ts";

/** Declares the commands about API keys of a devbox. */
export function apiKeyCommands({ get, create, remove }: ObjectVerbs): readonly Command[] {
  return [
    create
      .command("api-key")
      .description("create an API key on a devbox and print it, once")
      .argument("[name]", "what the key is for")
      .option("--name <name>", "the same, as Flyte's own command has it")
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
      ),
    get
      .command("api-key")
      .description("list the API keys of a devbox, or show some (never the keys themselves)")
      .argument("[name]", "name or id of a key")
      .action(async (name, options) =>
        (await import("./commands/api-key.ts")).getApiKey(name, options),
      ),
    remove
      .command("api-key")
      .description("revoke an API key of a devbox at once")
      .argument("<key>", "name or id of the key")
      .option("-y, --yes", "do not ask")
      .action(async (key, options) =>
        (await import("./commands/api-key.ts")).deleteApiKey(key, options),
      ),
  ];
}

const createApiKeyHelp = `
The key holds the endpoint, a client id and a client secret, as Flyte's SDKs
read it. It also works as it is: Authorization: Bearer KEY.

Examples:
  flyte-webhook create api-key laptop
  flyte-webhook create api-key ci --for ci-bot --role contributor --expires-in 90d
  eval "$(flyte-webhook create api-key shell)"`;
