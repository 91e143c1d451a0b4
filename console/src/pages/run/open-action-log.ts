import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import type { TailLogsResponse } from "../../../../src/idl/data-proxy.ts";
import { dataProxy } from "../../control-plane/clients.ts";
import type { LogLine } from "../../ui/log-view.tsx";
import type { RunKey } from "./use-run-actions.ts";

const askAgainMs = 1_000;

/** The log of an attempt from its beginning until it ends. One that has not begun to write is waited for. */
export async function* openActionLog(
  run: RunKey,
  action: string,
  attempt: number,
  options: { readonly signal: AbortSignal; readonly onHeader: () => void },
): AsyncGenerator<readonly LogLine[], void, undefined> {
  const request = { actionId: { run, name: action }, attempt };
  for (;;) {
    let hasBegun = false;
    try {
      for await (const { logs } of dataProxy.tailLogs(request, options)) {
        hasBegun = true;
        yield logs.flatMap(toLines);
      }
      return;
    } catch (error) {
      const { code } = ConnectError.from(error);
      if (hasBegun || code !== Code.NotFound || options.signal.aborted) throw error;
    }
    await delay(askAgainMs);
    options.signal.throwIfAborted();
  }
}

function toLines({ lines }: TailLogsResponse["logs"][number]): readonly LogLine[] {
  return lines.map(({ message, timestamp }) => ({
    message,
    time: timestamp === undefined ? undefined : timestampDate(timestamp),
  }));
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
