/** Sends a signal to a process, or asks with 0. False when there is none. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM means that it exists.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Sends a signal to a whole process group. False when nothing of it is left. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  return signalProcess(-leader, signal);
}
