import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { verifyLog } from "../../src/webhook/audit/verify-log.ts";

/** A line of an audit log, read back. */
// biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in a line
export type AuditLine = Readonly<Record<string, any>>;

/** A file for an audit log, in a folder that is gone when the test is. */
export async function auditFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-audit-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "audit.log");
}

/**
 * All lines of a log that no process writes any more.
 *
 * @throws Error when its chain is broken
 */
export async function readAudit(file: string, key?: string): Promise<readonly AuditLine[]> {
  const { broken } = await verifyLog([file], key === undefined ? {} : { key });
  if (broken !== undefined) throw new Error(`${broken.file}:${broken.line}: ${broken.text}`);
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as AuditLine];
    } catch {
      return []; // what a killed process has left
    }
  });
}

/** Its lines that are about requests. */
export async function readRequests(file: string, key?: string): Promise<readonly AuditLine[]> {
  return (await readAudit(file, key)).filter(({ event }) => event === undefined);
}
