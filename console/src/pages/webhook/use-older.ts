import { useState } from "preact/hooks";
import type { JsonObject } from "../../../../src/shared/json.ts";
import { useAction } from "../../control-plane/use-action.ts";
import type { AuditPage } from "../../webhook/answers.ts";
import { listAudit } from "../../webhook/inspect-client.ts";

interface OlderLines {
  /** All lines that are loaded, the newest first. */
  readonly lines: readonly JsonObject[];
  readonly hasMore: boolean;
  /** Whether the rest could not be read. */
  readonly isIncomplete: boolean;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly load: () => void;
}

/** The pages below the newest one; they begin anew when that is read again. */
export function useOlder(newest: AuditPage | undefined): OlderLines {
  const [older, setOlder] = useState<{
    readonly below: AuditPage;
    readonly pages: readonly AuditPage[];
  }>();
  const pages =
    newest === undefined ? [] : [newest, ...(older?.below === newest ? older.pages : [])];
  const next = pages.at(-1)?.next;
  const action = useAction(async () => {
    if (newest === undefined || next === undefined) return;
    const page = await listAudit(next);
    setOlder({ below: newest, pages: [...pages.slice(1), page] });
  });
  return {
    lines: pages.flatMap(({ lines }) => lines),
    isIncomplete: pages.some(({ incomplete }) => incomplete === true),
    hasMore: next !== undefined,
    isLoading: action.isRunning,
    error: action.error,
    load: () => void action.run(),
  };
}
