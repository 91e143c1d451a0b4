import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { useWatch, type WatchStatus } from "../control-plane/use-watch.ts";
import { LogBuffer } from "./log-buffer.ts";
import type { LogLine } from "./log-line.ts";

/** How long nothing comes until a log that is read again is taken to be as short as it then is. */
const quietMs = 1_000;

/** A log that is read live. */
export interface LiveLog {
  readonly buffer: LogBuffer;
  /** Changes with the lines, at most once for each frame. */
  readonly version: number;
  readonly status: WatchStatus;
}

export function useLog(
  watchKey: string | undefined,
  open: (signal: AbortSignal, onHeader: () => void) => AsyncIterable<readonly LogLine[]>,
): LiveLog {
  const [buffer] = useState(() => new LogBuffer());
  const [version, show] = useReducer<number, void>((before) => before + 1, 0);
  const frame = useRef<number>();
  const quiet = useRef<ReturnType<typeof setTimeout>>();

  const changed = (): void => {
    frame.current ??= requestAnimationFrame(() => {
      frame.current = undefined;
      show();
    });
  };
  const settle = (): void => {
    buffer.settle();
    changed();
  };
  const settleWhenQuiet = (): void => {
    clearTimeout(quiet.current);
    quiet.current = setTimeout(settle, quietMs);
  };
  useEffect(() => {
    buffer.clear();
    changed();
    return () => {
      clearTimeout(quiet.current);
      if (frame.current !== undefined) cancelAnimationFrame(frame.current);
      frame.current = undefined;
    };
  }, [watchKey]);

  const status = useWatch<readonly LogLine[]>({
    key: watchKey,
    open,
    onOpen: () => {
      buffer.restart();
      settleWhenQuiet();
    },
    onMessage: (lines) => {
      buffer.append(lines);
      changed();
      settleWhenQuiet();
    },
  });
  useEffect(() => {
    if (status.kind === "ended") settle();
    // What was not read again is not known to be gone.
    if (status.kind === "waiting" || status.kind === "failed") clearTimeout(quiet.current);
  }, [status.kind]);
  return { buffer, version, status };
}
