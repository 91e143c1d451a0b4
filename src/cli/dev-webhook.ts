import { mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WebhookCommandOptions } from "./options.ts";

/** Who administers a devbox. */
const administrator = "alice";
const logName = "webhook-audit.log";
const longestLog = 64 * 1024 * 1024;

/** What `dev` adds to the options of its webhook, to be disposed after it. */
export interface DevWebhook<Options> extends AsyncDisposable {
  readonly options: Options;
}

/**
 * Lets the administrator of a devbox see what its webhook does: the group `inspect` unless endpoints were chosen, and an
 * audit log in the state folder unless a place was named. A throwaway state has a throwaway log.
 */
export async function openDevWebhook<
  Options extends WebhookCommandOptions & { readonly state: string },
>(options: Options): Promise<DevWebhook<Options>> {
  const { endpointGroup, endpoints, inspectors = [], auditFile, auditStdout, state } = options;
  const isChosen = endpointGroup !== undefined || endpoints !== undefined;
  const isKept = auditFile === undefined && auditStdout === undefined;
  const isThrowaway = isKept && state === "memory";
  const folder = isThrowaway ? await mkdtemp(join(tmpdir(), "flyte-webhook-audit-")) : state;
  if (isKept && !isThrowaway) await putAside(join(folder, logName));
  return {
    options: {
      ...options,
      ...(!isChosen && { endpointGroup: ["all", "inspect"] }),
      inspectors: [...new Set([administrator, ...inspectors])],
      ...(isKept && { auditFile: join(folder, logName) }),
    },
    async [Symbol.asyncDispose]() {
      if (isThrowaway) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Nobody looks after this log: one that has grown long makes place for a new one, and is kept until the next. */
async function putAside(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && found.size > longestLog) await rename(file, `${file}.1`);
}
