import type { FastifyBaseLogger } from "fastify";
import { packageVersion } from "../../shared/package-files.ts";
import type { ResolvedAudit } from "./audit-options.ts";
import { type ChainHead, chainStart } from "./chained-line.ts";
import type { Torn } from "./find-tail.ts";
import { type FileWarning, LogFile } from "./log-file.ts";
import { LogWriter } from "./log-writer.ts";

/** What the operator reads when other programs touch the file. */
const warnings: Readonly<Record<FileWarning, string>> = {
  foreign:
    "another program has written into the audit log; it is gone on with, and will not verify",
  shortened: "another program has shortened the audit log; it is gone on with, and will not verify",
};

/**
 * Opens the log of the options and begins it with a line that says so.
 *
 * @throws FlyteError `invalid_config` when it cannot be written
 */
export async function openLog(
  { file: path, stdout, key }: ResolvedAudit,
  logger: FastifyBaseLogger | undefined,
): Promise<LogWriter> {
  const tell = (level: "info" | "error", message: string, details: object = {}): void => {
    const members = { auditLog: path, ...details };
    if (logger !== undefined) logger[level](members, message);
    else if (level === "error") process.emitWarning(`${message} (${path})`);
  };
  const opened =
    path === undefined
      ? undefined
      : await LogFile.open(path, key, (warning) => tell("error", warnings[warning]));
  const head: ChainHead = opened?.tail.head ?? { seq: 0, hash: chainStart };
  const print = stdout ? (text: string): void => void process.stdout.write(text) : undefined;
  const writer = new LogWriter({ file: opened?.file, print }, head, key, {
    failed: (error) => {
      const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
      tell("error", "the audit log cannot be written", { code });
    },
    recovered: () => tell("info", "the audit log is written again"),
    lost: (lines) => tell("error", "lines of the audit log were lost", { lines }),
  });
  writer.add(startEntry(key, opened?.tail.torn));
  await writer.settled();
  if (!writer.failing || opened === undefined) return writer;
  await writer.close();
  throw opened.file.cannotWrite(writer.failure);
}

function startEntry(key: string | undefined, torn: Torn | undefined) {
  return {
    time: new Date().toISOString(),
    event: "start",
    version: packageVersion(),
    pid: process.pid,
    chain: key === undefined ? "sha256" : "hmac-sha256",
    torn,
  };
}
