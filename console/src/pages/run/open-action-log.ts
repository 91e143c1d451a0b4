import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { dataProxy } from "../../control-plane/clients.ts";
import type { LogLine } from "../../ui/log-view.tsx";
import type { RunKey } from "./use-run-actions.ts";

const askAgainMs = 1_000;

/** The log of an attempt from its beginning until it ends. One that has not begun to write is waited for. */
export async function* openActionLog(
  run: RunKey,
  action: string,
  attempt: number,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[], void, undefined> {
  const request = { actionId: { run, name: action }, attempt };
  for (;;) {
    let hasBegun = false;
    try {
      for await (const { logs } of dataProxy.tailLogs(request, { signal })) {
        hasBegun = true;
        yield logs.flatMap(({ lines }) =>
          lines.map(({ message, timestamp }) => ({
            message,
            time: timestamp === undefined ? undefined : timestampDate(timestamp),
          })),
        );
      }
      return;
    } catch (error) {
      const { code } = ConnectError.from(error);
      if (hasBegun || code !== Code.NotFound || signal.aborted) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
    signal.throwIfAborted();
  }
}
