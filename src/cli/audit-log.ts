import { Option } from "commander";
import type { AuditOptions } from "../webhook/audit/audit-options.ts";

/** Where the key of the audit log comes from; on a command line it could be seen. */
export const auditKeyVariable: string = "FLYTE_WEBHOOK_AUDIT_KEY";

/** What the command says of the audit log. */
export interface AuditCommandOptions {
  readonly auditFile?: string;
  readonly auditStdout?: boolean;
  readonly auditDurable?: boolean;
  readonly auditOnFailure?: "continue" | "refuse";
}

export function auditOptions(): readonly Option[] {
  return [
    new Option(
      "--audit-file <file>",
      "keep one line for each request in this file: docs/audit.md explains it",
    ),
    new Option("--audit-stdout", "write these lines to standard output"),
    new Option("--audit-durable", "answer what changes something after its line is on the disk"),
    new Option(
      "--audit-on-failure <what>",
      "when the file cannot be written: continue, or refuse requests (continue)",
    ).choices(["continue", "refuse"]),
  ];
}

/** What the flags say; undefined without any of them. */
export function toAudit(options: AuditCommandOptions): AuditOptions | undefined {
  const { auditFile: file, auditStdout: stdout } = options;
  const { auditDurable: durable, auditOnFailure: onFailure } = options;
  const given = Object.entries({ file, stdout, durable, onFailure }).filter(
    ([, value]) => value !== undefined,
  );
  return given.length === 0 ? undefined : (Object.fromEntries(given) as AuditOptions); // these, where given
}

/** The same with the key of the environment, for the process that keeps the log. */
export function withAuditKey(
  settings: { readonly audit?: AuditOptions },
  env: Readonly<Record<string, string | undefined>> = process.env,
): { readonly audit?: AuditOptions } {
  const { audit } = settings;
  const key = env[auditKeyVariable];
  if (audit === undefined || key === undefined || key === "") return {};
  return { audit: { ...audit, key } };
}
