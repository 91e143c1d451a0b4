import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import type { TailLogsResponse } from "../../../../src/idl/data-proxy.ts";
import { dataProxy } from "../../control-plane/clients.ts";
import type { LogLine } from "../../ui/log-view.tsx";
import type { RunKey } from "./use-run-actions.ts";

const askAgainMs = 1_000;
/** Refusals come sooner; who has nothing to tell for so long follows an attempt that writes nothing now. */
const quietMs = 1_000;

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
      for await (const { logs } of sayingQuiet(dataProxy.tailLogs(request, { signal }))) {
        hasBegun = true;
        yield logs.flatMap(toLines);
      }
      return;
    } catch (error) {
      const { code } = ConnectError.from(error);
      if (hasBegun || code !== Code.NotFound || signal.aborted) throw error;
    }
    await delay(askAgainMs);
    signal.throwIfAborted();
  }
}

function toLines({ lines }: TailLogsResponse["logs"][number]): readonly LogLine[] {
  return lines.map(({ message, timestamp }) => ({
    message,
    time: timestamp === undefined ? undefined : timestampDate(timestamp),
  }));
}

/**
 * The answers of a stream, with an empty one before them where the first is long in coming: a browser does
 * not hear of a stream before that.
 */
async function* sayingQuiet(
  stream: AsyncIterable<Pick<TailLogsResponse, "logs">>,
): AsyncGenerator<Pick<TailLogsResponse, "logs">, void, undefined> {
  const answers = stream[Symbol.asyncIterator]();
  const first = answers.next();
  // Nobody waits for it any more when the page has gone meanwhile.
  first.catch(() => undefined);
  const quiet = delay(quietMs).then(() => undefined);
  if ((await Promise.race([first, quiet])) === undefined) yield { logs: [] };
  for (let next = await first; next.done !== true; next = await answers.next()) yield next.value;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
