import type { Command } from "commander";
import { collect, taskForms } from "./options.ts";
import { parseCount, parseDuration } from "./parse-argument.ts";
import type { ObjectVerbs } from "./secret-commands.ts";

const triggerName = "name of the trigger";

/** Declares the commands about triggers below the verbs that other objects have too. */
export function triggerCommands({ get, create, remove }: ObjectVerbs): readonly Command[] {
  return [
    get
      .command("trigger")
      .description("show a trigger, or list those of a task, or of the project and domain")
      .argument("[task]", taskForms)
      .argument("[name]", triggerName)
      .option("--history", "with what was done to it")
      .option("--limit <count>", "how many to list", parseCount, 100)
      .action(async (task, name, options) =>
        (await import("./commands/trigger.ts")).getTrigger(task, name, options),
      ),
    create
      .command("trigger")
      .description("start runs of a task on a schedule")
      .argument("<task>", taskForms)
      .argument("<name>", triggerName)
      .option("--schedule <cron>", "five fields such as '0 2 * * *', @daily, or '@every 90s'")
      .option("--timezone <zone>", "whose clocks the schedule means, such as Europe/Berlin (UTC)")
      .option(
        "--every <duration>",
        "instead of --schedule: whole minutes, such as 15m",
        parseDuration,
      )
      .option("--start <time>", "with --every: the first fire, such as 2026-05-01T06:00:00Z")
      .option("--time-input <input>", "the input that gets the time of the fire")
      .option("-i, --input <name=value>", "an input; JSON, or else text (repeatable)", collect)
      .option(
        "--inputs <json>",
        "all inputs as a JSON object; @FILE reads a file, - standard input",
      )
      .option("--env <name=value>", "environment variable of its runs (repeatable)", collect)
      .option("--label <name=value>", "label of its runs (repeatable)", collect)
      .option("--description <text>", "what it is for")
      .option("--inactive", "fire only after `activate trigger`")
      .option("--replace", "replace a trigger of this name")
      .addHelpText("after", createTriggerHelp)
      .action(async (task, name, options) =>
        (await import("./commands/create-trigger.ts")).createTrigger(task, name, options),
      ),
    remove
      .command("trigger")
      .description("delete a trigger; runs it started go on")
      .argument("<task>", taskForms)
      .argument("<name>", triggerName)
      .option("-y, --yes", "do not ask")
      .action(async (task, name, options) =>
        (await import("./commands/trigger.ts")).deleteTrigger(task, name, options),
      ),
  ];
}

const createTriggerHelp = `
Examples:
  flyte-webhook create trigger orders.nightly berlin --schedule '0 2 * * *' --timezone Europe/Berlin
  flyte-webhook create trigger stats.describe often --every 15m -i 'values=[1,2]' --inactive
  flyte-webhook create trigger orders.nightly daily --schedule @daily --time-input day`;

/** Declares `activate trigger` or `deactivate trigger`. */
export function switchTriggerCommand(parent: Command, verb: "activate" | "deactivate"): Command {
  return parent
    .command("trigger")
    .description(`switch a trigger ${verb === "activate" ? "on" : "off"}`)
    .argument("<task>", taskForms)
    .argument("<name>", triggerName)
    .action(async (task, name, options) =>
      (await import("./commands/trigger.ts")).switchTrigger(verb, [task, name], options),
    );
}

/** Declares `fire trigger`. */
export function fireTriggerCommand(parent: Command): Command {
  return parent
    .command("trigger")
    .description("start a run of a trigger now, whether it is active or not")
    .argument("<task>", taskForms)
    .argument("<name>", triggerName)
    .option("-i, --input <name=value>", "an input over the trigger's own (repeatable)", collect)
    .option("--inputs <json>", "such inputs as a JSON object; @FILE reads a file, - standard input")
    .option("--name <name>", "name of the run; makes the start safe to repeat")
    .option("--env <name=value>", "environment variable of the run (repeatable)", collect)
    .option("--label <name=value>", "label of the run (repeatable)", collect)
    .option("-w, --wait", "wait for the end and print the outputs")
    .option("--timeout <duration>", "longest wait, such as 90s; the run goes on", parseDuration)
    .addHelpText("after", fireTriggerHelp)
    .action(async (task, name, options) =>
      (await import("./commands/fire-trigger.ts")).fireTrigger(task, name, options),
    );
}

const fireTriggerHelp = `
Examples:
  flyte-webhook fire trigger orders.nightly berlin --wait
  flyte-webhook fire trigger stats.describe often -i 'values=[3,4]' --name tried-once`;
