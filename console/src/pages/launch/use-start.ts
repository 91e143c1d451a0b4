import { useRef } from "preact/hooks";
import { toWords } from "../../control-plane/error-words.ts";
import { type Action, useAction } from "../../control-plane/use-action.ts";
import { navigate } from "../../navigation/location.ts";
import { runPath } from "../../scope.ts";
import { createRunName, isThere, type NewRun, startRun } from "./start-run.ts";

/** A run to be, and all that makes it another one than an earlier try. */
export interface Start extends Omit<NewRun, "name"> {
  readonly name: string | undefined;
  readonly content: string;
}

/** What kept a run from being started, beside errors. */
export type Obstacle =
  /** The chosen name is taken. */
  | { readonly kind: "taken"; readonly name: string }
  /** The try before, with other inputs, did start one after all. */
  | { readonly kind: "started"; readonly name: string };

/**
 * Starts a run once and goes there. When the answer to a try was lost, the next one first looks whether that run
 * is there.
 */
export function useStart(onObstacle: (obstacle: Obstacle) => void): Action<[start: Start]> {
  const unknown = useRef<{ readonly name: string; readonly content: string }>();
  return useAction(async (start: Start) => {
    const { scope, content } = start;
    const before = unknown.current;
    if (before !== undefined && (await isThere(scope, before.name))) {
      unknown.current = undefined;
      if (before.content === content) return navigate(runPath(scope, before.name));
      return onObstacle({ kind: "started", name: before.name });
    }
    const isRepeated = before?.content === content;
    const name = isRepeated ? before.name : (start.name ?? createRunName());
    if (!isRepeated && start.name !== undefined && (await isThere(scope, name))) {
      return onObstacle({ kind: "taken", name });
    }
    try {
      await startRun({ ...start, name }, () => {
        unknown.current = { name, content };
      });
    } catch (error) {
      if (!toWords(error).mayPass) unknown.current = undefined;
      throw error;
    }
    unknown.current = undefined;
    navigate(runPath(scope, name));
  });
}
