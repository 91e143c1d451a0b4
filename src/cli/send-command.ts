import { type Command, Option } from "commander";
import { collect } from "./options.ts";

/** Declares `send`. */
export function addSendCommand(program: Command): void {
  const send = program
    .command("send")
    .helpGroup("Work:")
    .description("sign a delivery as a provider does, and send it to a hook")
    .argument("<provider>", "github, gitlab, slack, stripe, standard-webhooks, cloudevents or hmac")
    .argument("[event]", "what happened, such as push or pull_request.opened")
    .requiredOption("--to <url>", "address of the hook")
    .option(
      "--secret-env <name>",
      "environment variable with the secret (FLYTE_WEBHOOK_HOOK_SECRET)",
    )
    .option("--secret-file <file>", "file with the secret")
    .option("--payload <file>", "JSON object to send; - is standard input (one of ours)")
    .option("--header <header>", "further header, 'name: value' (repeatable)", collect)
    .option("--id <id>", "id of the delivery; send the same again to try a repetition (a new one)")
    .option("--replay <file>", "send a recorded delivery, signed anew")
    .option("--save <file>", "write what is sent as a recorded delivery")
    .option("--json", "print JSON")
    .addHelpText("after", sendHelp)
    .action(async (provider, event, options) =>
      (await import("./commands/send.ts")).send(provider, event, options),
    );
  for (const option of schemeOptions()) send.addOption(option);
}

/** For `hmac`, and for `cloudevents` with `--signature-header`. */
function schemeOptions(): readonly Option[] {
  const options = [
    new Option("--signature-header <name>", "header with the signature (x-signature)"),
    new Option("--algorithm <algorithm>", "of the HMAC (sha256)").choices(["sha256", "sha512"]),
    new Option("--encoding <encoding>", "of the signature (hex)").choices(["hex", "base64"]),
    new Option("--prefix <text>", "what stands before the signature, such as sha256="),
    new Option("--timestamp-header <name>", "header with the time"),
    new Option("--id-header <name>", "header with the id"),
    new Option("--type-header <name>", "header with the event"),
    new Option("--signed <template>", "what is signed, such as '{timestamp}.{body}' ({body})"),
  ];
  return options.map((option) => option.helpGroup("Options of hmac and cloudevents:"));
}

const sendHelp = `
Examples:
  flyte-webhook send github push --to http://127.0.0.1:8080/hooks/github
  flyte-webhook send github pull_request.opened --secret-file secret.txt --to URL
  flyte-webhook send slack command.train --secret-env SLACK_SECRET --to URL
  flyte-webhook send stripe invoice.paid --payload invoice.json --to URL
  flyte-webhook send github --replay deliveries/push_d-1.json --to URL

It exits with 0 when the hook takes the delivery, 4 for a signature that does
not fit, 3 where there is no such hook, 5 when it is not reached or too slow.`;
