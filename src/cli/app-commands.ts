import type { Command } from "commander";
import { parseCount, parseDuration } from "./parse-argument.ts";
import type { ObjectVerbs } from "./secret-commands.ts";

/** Declares the commands about apps below the verbs that other objects have too. */
export function appCommands({ get, remove }: ObjectVerbs): readonly Command[] {
  return [
    get
      .command("app")
      .description("show an app, or list those of the project and domain")
      .argument("[name]", "name of the app")
      .option("--limit <count>", "how many to list", parseCount, 100)
      .action(async (name, options) => (await import("./commands/app.ts")).getApp(name, options)),
    get
      .command("app-logs")
      .description("print what the replicas of an app wrote lately")
      .argument("<app>", "name of the app")
      .option("--replica <name>", "only this replica")
      .option("-f, --follow", "go on with what they write from now on")
      .addHelpText("after", getAppLogsHelp)
      .action(async (name, options) =>
        (await import("./commands/app-logs.ts")).getAppLogs(name, options),
      ),
    remove
      .command("app")
      .description("delete an app and end what runs of it")
      .argument("<name>", "name of the app")
      .option("-y, --yes", "do not ask")
      .action(async (name, options) =>
        (await import("./commands/app.ts")).deleteApp(name, options),
      ),
  ];
}

const getAppLogsHelp = `
Lines of several replicas begin with the name of theirs.

Examples:
  flyte-webhook get app-logs dashboard
  flyte-webhook get app-logs dashboard --follow --json`;

/** Declares `activate app` or `deactivate app`. */
export function switchAppCommand(parent: Command, verb: "activate" | "deactivate"): Command {
  return parent
    .command("app")
    .description(`switch an app ${verb === "activate" ? "on" : "off"} and wait until it is`)
    .argument("<name>", "name of the app")
    .option("--no-wait", "return once the change is accepted")
    .option("--timeout <duration>", "longest wait, such as 90s; the change stands", parseDuration)
    .addHelpText("after", switchHelp(verb))
    .action(async (name, options) =>
      (await import("./commands/switch-app.ts")).switchApp(verb, name, options),
    );
}

function switchHelp(verb: "activate" | "deactivate"): string {
  return `
Examples:
  flyte-webhook ${verb} app dashboard
  flyte-webhook ${verb} app dashboard --timeout 2m
  flyte-webhook ${verb} app dashboard --no-wait --json

Ctrl-C while waiting ends the wait alone; the change stands.`;
}
