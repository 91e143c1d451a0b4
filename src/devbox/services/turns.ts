/** Runs actions one after the other where they have the same key. */
export type Turns = <Result>(key: string, action: () => Promise<Result>) => Promise<Result>;

/** Turns for those who change one thing, such as a run or an app: each finds what the one before has stored. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return (key, action) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(action);
    const settled = turn.catch(() => undefined);
    last.set(key, settled);
    settled.finally(() => {
      if (last.get(key) === settled) last.delete(key);
    });
    return turn;
  };
}
