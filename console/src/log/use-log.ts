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
  open: (signal: AbortSignal) => AsyncIterable<readonly LogLine[]>,
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
    onOpen: () => buffer.restart(),
    onMessage: (lines) => {
      buffer.append(lines);
      changed();
      clearTimeout(quiet.current);
      quiet.current = setTimeout(settle, quietMs);
    },
  });
  useEffect(() => {
    if (status.kind === "ended") settle();
  }, [status.kind]);
  return { buffer, version, status };
}
