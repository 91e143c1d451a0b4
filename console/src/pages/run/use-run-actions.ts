import { useMemo, useRef, useState } from "preact/hooks";
import type { RunIdentifier } from "../../../../src/idl/identifiers.ts";
import type { WatchActionsResponse } from "../../../../src/idl/runs.ts";
import { runs } from "../../control-plane/clients.ts";
import { useWatch, type WatchStatus } from "../../control-plane/use-watch.ts";
import { isEndPhase } from "../../ui/phase.tsx";
import { type RunAction, rootAction, toRunAction } from "./run-action.ts";

export type RunKey = Pick<RunIdentifier, "project" | "domain" | "name">;

/** All actions of a run, as they are now; the stream ends when all of them have ended. */
export interface RunActions {
  readonly all: readonly RunAction[];
  readonly byName: ReadonlyMap<string, RunAction>;
  readonly status: WatchStatus;
}

export function useRunActions(run: RunKey): RunActions {
  const known = useRef(new Map<string, RunAction>());
  const [change, setChange] = useState(0);
  const { all, byName, isOver } = useMemo(() => {
    const actions = [...known.current.values()];
    return {
      all: actions,
      byName: new Map(known.current),
      isOver: known.current.has(rootAction) && actions.every(({ phase }) => isEndPhase(phase)),
    };
  }, [change]);
  const status = useWatch<WatchActionsResponse>({
    key: isOver ? undefined : `${run.domain}/${run.project}/${run.name}`,
    open: (signal, onHeader) => runs.watchActions({ runId: run }, { signal, onHeader }),
    onMessage: ({ enrichedActions }) => {
      setChange((before) => {
        const next = before + 1;
        for (const { action } of enrichedActions) {
          if (action?.id !== undefined)
            known.current.set(action.id.name, toRunAction(action, next));
        }
        return next;
      });
    },
  });
  return { all, byName, status: isOver ? { kind: "ended" } : status };
}
