import { type Command, Option } from "commander";
import { auditKeyVariable } from "./audit-log.ts";
import { parseCount } from "./parse-argument.ts";

/** Declares `audit verify` and `audit show`. */
export function addAuditCommands(program: Command): void {
  const audit = program
    .command("audit")
    .helpGroup("Objects:")
    .description("check and read the audit log of a webhook");
  audit
    .command("verify")
    .description("check that a log is whole and as it was written")
    .argument("<files...>", "its files, the oldest first")
    .option("--key-env <name>", `variable with the key it was written with, as ${auditKeyVariable}`)
    .option("--expect-hash <hash>", "a line that must be in it, noted when it was the last one")
    .option("--after-hash <hash>", "the last line of older files, which are not given")
    .addOption(new Option("--json", "print JSON"))
    .addHelpText("after", verifyHelp)
    .action(async (files, options) => {
      await (await import("./commands/audit.ts")).verifyAudit(files, options);
    });
  audit
    .command("show")
    .description("show who did what: the requests of a log, or some of them")
    .argument("<files...>", "its files, the oldest first")
    .option("--run <name>", "that started this run, or are about it")
    .option("--subject <subject>", "of this user, as the control plane names it")
    .option("--request <id>", "with this request id")
    .option("--credential <hash>", "with this credential")
    .option("--denied", "that were refused")
    .option("--since <time>", "since this time, or for this long: 2026-11-21T09:00:00Z, 2h")
    .option("--limit <count>", "the last ones alone", parseCount, 1000)
    .addOption(new Option("--json", "print JSON"))
    .addHelpText("after", showHelp)
    .action(async (files, options) => {
      await (await import("./commands/audit.ts")).showAudit(files, options);
    });
}

const verifyHelp = `
Examples:
  flyte-webhook audit verify audit.log
  flyte-webhook audit verify audit.log.1 audit.log --key-env ${auditKeyVariable}

Exits with 1 when the log is not as it was written.`;

const showHelp = `
Examples:
  flyte-webhook audit show audit.log --run rdc7x9k2m
  flyte-webhook audit show audit.log --subject ada --since 2h

It shows what the files say; audit verify tells whether to believe it.`;
