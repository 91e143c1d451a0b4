import { resolve } from "node:path";
import { FlyteError } from "../../shared/errors.ts";

/** Where the audit log goes, and what it is to stand. */
export interface AuditOptions {
  /**
   * A file that lines are added to, readable by its owner alone. It is locked while the webhook runs, and gone on with
   * after a restart.
   *
   * @default none
   */
  readonly file?: string;
  /** Whether lines go to standard output, too. @default false */
  readonly stdout?: boolean;
  /**
   * A secret of at least 32 characters that proves each line: without it nobody can write another history. It
   * also makes the hashes of credentials comparable between logs of one key.
   *
   * @default none: lines are chained by plain hashes, which whoever may write the file can make anew
   */
  readonly key?: string;
  /**
   * What becomes of requests while the file cannot be written: they go on (`continue`), or are answered 503 before they
   * do anything (`refuse`). Lines are kept in memory and written later in both cases, up to 10,000 of them.
   *
   * @default `continue`
   */
  readonly onFailure?: "continue" | "refuse";
  /**
   * Whether the answer to a request that changes something waits until its line is on the disk (`fdatasync`). Otherwise
   * what was answered in the last moments before the process is killed may have no line.
   *
   * @default false
   */
  readonly durable?: boolean;
  /** Whether `/health`, `/ready` and `/metrics` get lines as well. @default false */
  readonly probes?: boolean;
}

/** The same, checked. */
export interface ResolvedAudit {
  /** Absolute. */
  readonly file: string | undefined;
  readonly stdout: boolean;
  readonly key: string | undefined;
  readonly refuses: boolean;
  readonly durable: boolean;
  readonly probes: boolean;
}

const minKeyLength = 32;

/** @throws FlyteError `invalid_config` naming the option, the rule and the remedy */
export function resolveAudit(options: AuditOptions | undefined): ResolvedAudit | undefined {
  if (options === undefined) return undefined;
  const { file, stdout = false, key, onFailure, durable = false, probes = false } = options;
  if (file !== undefined && (typeof file !== "string" || file === "")) {
    throw invalid("audit.file must be the path of a file.");
  }
  if (file === undefined && !stdout) {
    throw invalid("audit needs a place for its lines: set audit.file, audit.stdout or both.");
  }
  if (key !== undefined && (typeof key !== "string" || key.length < minKeyLength)) {
    throw invalid(
      `audit.key must be a secret of at least ${minKeyLength} characters, for example from openssl rand -hex 32.`,
    );
  }
  if (onFailure !== undefined && !["continue", "refuse"].includes(onFailure)) {
    throw invalid(`audit.onFailure must be continue or refuse, not ${JSON.stringify(onFailure)}.`);
  }
  if (file === undefined && (durable || onFailure === "refuse")) {
    throw invalid("audit.durable and audit.onFailure are about a file: set audit.file, too.");
  }
  return {
    file: file === undefined ? undefined : resolve(file),
    ...{ stdout, key, durable, probes },
    refuses: onFailure === "refuse",
  };
}

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_config", message);
}
