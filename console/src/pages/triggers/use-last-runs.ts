import { useRef } from "preact/hooks";
import { Sort_Direction } from "../../../../src/idl/identifiers.ts";
import { runs } from "../../control-plane/clients.ts";
import { useCall } from "../../control-plane/use-call.ts";
import { type TriggerRow, toTriggerName } from "./trigger-row.ts";

/** Questions at once: the browser has few connections to one server. */
const atOnce = 3;

interface LastRun {
  readonly firedAt: number | undefined;
  readonly run: string;
}

/** The newest run of each trigger that has fired, by its row. Asked again only for those that fired since. */
export function useLastRuns(rows: readonly TriggerRow[]): (row: TriggerRow) => string | undefined {
  const known = useRef(new Map<string, LastRun>());
  const fired = rows.filter(({ lastFiredAt }) => lastFiredAt !== undefined);
  const key = fired.map((row) => `${keyOf(row)} ${row.lastFiredAt}`).join("\n");
  useCall(key, async (signal) => {
    const left = fired.filter((row) => known.current.get(keyOf(row))?.firedAt !== row.lastFiredAt);
    const work = async (): Promise<void> => {
      for (let row = left.shift(); row !== undefined; row = left.shift()) {
        const run = await newestRun(row, signal);
        if (run !== undefined) known.current.set(keyOf(row), { firedAt: row.lastFiredAt, run });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return key;
  });
  return (row) => known.current.get(keyOf(row))?.run;
}

function keyOf({ project, domain, task, name }: TriggerRow): string {
  return JSON.stringify([project, domain, task, name]);
}

async function newestRun(row: TriggerRow, signal: AbortSignal): Promise<string | undefined> {
  const { runs: found } = await runs.listRuns(
    {
      scopeBy: { case: "triggerName", value: toTriggerName(row) },
      request: { limit: 1, sortBy: { key: "created_at", direction: Sort_Direction.DESCENDING } },
    },
    { signal },
  );
  return found[0]?.action?.id?.run?.name;
}
